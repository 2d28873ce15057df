"""The composition root: the only place where the layers meet, used by the command line alone."""

from bot.app.building import Bot, open_bot
from bot.app.examining import examine
from bot.app.imagining import imagine
from bot.app.imagining import verify as verify_picture
from bot.app.jobs import (
    check_database,
    evaluate_answers,
    evaluate_intents,
    evaluate_memory,
    export_conversation,
    list_conversations,
    renew_console_password,
    train_gate,
    upgrade_database,
)
from bot.app.parts import GATE_FILE
from bot.app.picture_evaluation import evaluate_images
from bot.app.picture_training import train_image
from bot.app.playground import play
from bot.app.privacy import erase_user, export_user, find_user, show_user, verify_report
from bot.app.promoting import list_models, promote, rollback
from bot.app.serving import serve
from bot.app.stories import find_stories, play_stories
from bot.app.tuning import evaluate_dialogue, train_text
from bot.settings import load as load_settings

__all__ = [
    "GATE_FILE",
    "Bot",
    "check_database",
    "erase_user",
    "evaluate_answers",
    "evaluate_dialogue",
    "evaluate_images",
    "evaluate_intents",
    "evaluate_memory",
    "examine",
    "export_conversation",
    "export_user",
    "find_stories",
    "find_user",
    "imagine",
    "list_conversations",
    "list_models",
    "load_settings",
    "open_bot",
    "play",
    "play_stories",
    "promote",
    "renew_console_password",
    "rollback",
    "serve",
    "show_user",
    "train_gate",
    "train_image",
    "train_text",
    "upgrade_database",
    "verify_picture",
    "verify_report",
]

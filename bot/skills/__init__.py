"""Built-in skills: one way to answer a turn each, behind `bot.protocols.Skill`."""

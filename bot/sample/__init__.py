"""The sample bot folder, as files: settings, persona and the help pages of an invented outdoor shop."""

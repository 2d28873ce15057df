"""From a reply to what is sent."""

"""What the tools measure and explain; import its modules directly."""

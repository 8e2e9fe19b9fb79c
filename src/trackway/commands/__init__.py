"""The commands of `trackway`, one file each. They join the other rooms; nothing imports them but `__main__`."""

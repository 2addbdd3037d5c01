"""What tries to break a store: power cuts, kills, and random moves; shared with tools/soak.py."""

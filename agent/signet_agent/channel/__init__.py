"""The only way between the rooms: framed, capped, typed messages over an inherited socket."""

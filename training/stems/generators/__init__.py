"""Where dry sounds come from. A generator is a function of a Dice that returns one take: a tensor [n] or [channels, n]
at 48 kHz and any level; `training.stems.config` says which of them training may hear."""

"""Errors a user can mend; each is one line: what is wrong, where, what to do."""


class GahbError(Exception):
    """Base of all errors whose message is written for the user, without a traceback."""


class ConfigError(GahbError):
    """The configuration cannot be used; the message names the key."""


class DataError(GahbError):
    """A data file is missing, truncated, altered or unreadable."""


class CheckpointError(GahbError):
    """A checkpoint is damaged or belongs to another configuration."""


class StorageError(GahbError):
    """A folder that results go to cannot be written."""


class NetworkError(GahbError):
    """A network that somebody wrote does not do what is asked of a denoiser."""


class Interrupted(GahbError):
    """The process was asked to end, and has written where it was."""


class TrainingError(GahbError):
    """Training cannot go on, for instance because the loss is not finite."""

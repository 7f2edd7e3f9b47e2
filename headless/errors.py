"""The two ways a run ends early, apart from being cancelled."""


class WorkflowError(Exception):
    """The workflow or a setting is wrong; nothing has run."""


class RunError(Exception):
    """A node failed, or what it made could not be kept."""

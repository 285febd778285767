"""Takes from classic programs the syntax that only `.ms` has."""


def check(module, context):
    """Report each use of syntax that classic does not have."""

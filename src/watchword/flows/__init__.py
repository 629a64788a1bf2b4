"""Use cases: async, without HTTP."""

"""A minute's tour: real Alertmanager bodies, the whole of statusbridge, and four pages that show what comes of it.

Everything here talks to statusbridge and to the pages from outside, over HTTP, as a sender and as a visitor would.
"""

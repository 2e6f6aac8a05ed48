"""The verification library over REST, for back ends in other languages.

One process is one core's worth of verifications; any number of them stand beside each other, with
the nonces of logins in PostgreSQL. It listens on a Unix socket or on the loopback only: who may
ask it is a matter of the machine it runs on.
"""

"""The servers and processes of `manage.py up` and `manage.py test`.

account says as whom and where the servers run; postgres and valkey start one server each;
processes starts a child that cannot outlive us; supervisor keeps a set of children alive; state
is the data folder's lock and what other shells read. Binaries only: no package's own launcher.
"""

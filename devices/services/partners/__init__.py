"""What partners do with devices: one way in for the page, the CSV file and the API.

lines        a device as a partner names it · reading  a file of them
examining    what can be said of a line at once
submitting   accept an upload: consent, the table of registration channels, rows, job
working      the job, slice by slice · registering, removing  what a slice does
reporting    an OEM's hashes of machines nobody owns yet
answers      the service's codes and words · downloads  rows that failed · listing  what a partner sees
"""

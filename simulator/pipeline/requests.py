"""The columns of a matrix of requests, one row a request."""

AT = 0  # ms, arrival of the first attempt
SINCE = 1  # ms, arrival of this attempt
UNTIL = 2  # ms, when the client gives up this attempt
WORK = 3  # draw of the model's work, mean 1 (see traffic/distributions.py)
# Draw of the feature read, mean 1 (exponential); 0 for a hit of the replica's cache, and of an
# answered request infinite if the read was cut at its time limit.
DEPEND = 4
ROW = 5  # uniform that picks the row of the pool
ID = 6  # exact integer below 2**53, unique in the run
ATTEMPT = 7  # 1 for the first
COLUMNS = 8

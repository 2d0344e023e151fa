#!/bin/sh
# orders-replay, run once: what this plan does, to be typed by hand.
# Digest: sha256:0123
# Plan: 2 steps to reset, 1 unchanged, 1 done, 1 blocked. Up to 1,204,133 records delivered again, up to 6 skipped, 0 partitions set, on 1,204 partitions. The effect on 1 partition is unknown.
#
# `sh -eu FILE` ends at the first command that fails. By hand, nothing is guarded, read back or
# written into a lock; the plan may be out of date: what it saw stands beside each step. What is done
# by hand a later apply finds there, and keeps.

# 1 of 4: reset rewind-orders
#   kafka:b:9092/orders-billing/orders
#   to timestamp 2026-11-18T00:00:00Z
#   orders/0-19,21-39: low 0, now 1200..1239, target 800, high 1500; replay up to 16,360; lag 10,940 ->
#   27,300
#   orders/20: low 0, now 1220, target 800, high 1500; replay up to 420; lag 280 -> 700
#   Warning: orders/20 was asked for more than there is.
#   First:
#     Have the tool rewind-orders
echo ran

# 2 of 4: blocked forward
#   kafka:b:9092/g/t
#   to offset 9
#   Blocked, so nothing is to be typed: it skips up to 6 records. Write
#   `resetplan lock settle FILE forward applied`, or else.

# 3 of 4: reset evil
#   kafka:b/\u001b[31m\u202egroup /t
#   to unset
#   It cannot be written as commands: no client can be told to: evil
#   audit/3: low 0, now 9, target unset, high 9; unknown; lag ? -> ?
#   First:
#     Have the tool evil

# 4 of 4: keep there
#   kafka:b/g/x
#   to current
#   Nothing is to be typed: it stands there already

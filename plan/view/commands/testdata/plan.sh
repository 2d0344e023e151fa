#!/bin/sh
# orders-replay, run once: the same plan as shell commands.
# Digest: sha256:0123
# Plan: 2 steps to reset, 1 unchanged, 1 done, 1 blocked. Up to 1,204,133 records delivered again, up to 6 skipped, 0 partitions set, on 1,204 partitions. The effect on 1 partition is unknown.
#
# `sh -eu FILE` stops at the first command that fails. Commands run by hand are not guarded, verified
# or recorded in the lock, and the plan may be out of date: each step shows the positions that it was
# planned with. A later apply keeps steps you have already run by hand.

# 1 of 4: reset rewind-orders
#   kafka:b:9092/orders-billing/orders
#   to timestamp 2026-11-18T00:00:00Z
#   orders/0-19,21-39: low 0, now 1200..1239, target 800, high 1500; replay up to 16,360; lag 10,940 ->
#   27,300
#   orders/20: low 0, now 1220, target 800, high 1500; replay up to 420; lag 280 -> 700
#   Warning: requested offset -5 of orders/20 is before the start of the log: using offset 0.
#   First:
#     Install the tool rewind-orders
echo ran

# 2 of 4: blocked forward
#   kafka:b:9092/g/t
#   to offset 9
#   Blocked, no commands: this would skip up to 6 records. If it already has, run
#   `resetplan lock settle FILE forward applied`.

# 3 of 4: reset evil
#   kafka:b/\u001b[31m\u202egroup /t
#   to unset
#   Not available as commands: no command line client can do this for evil
#   audit/3: low 0, now 9, target unset, high 9; unknown; lag ? -> ?
#   First:
#     Install the tool evil

# 4 of 4: keep there
#   kafka:b/g/x
#   to current
#   No commands needed: already at the target

"""Protections of passes over all tasks, and of what they know."""

from scripts.mutations.mutation import Mutation

PASSES = ("tests/sync/test_reconcile.py", "tests/sync/test_inventory.py", "tests/unit/test_number_sets.py")

RECONCILING = (
    Mutation(
        "only what Asana does not know counts as deleted",
        "tap_asana/sync/missing_objects.py",
        "elif refusal and refusal.status in GONE_STATUSES:",
        "elif refusal:",
        PASSES,
    ),
    Mutation(
        "what is written is looked for by the next pass",
        "tap_asana/state/reconciliation.py",
        "            self.known[kind].update(numbers)",
        "            pass",
        PASSES,
    ),
    Mutation(
        "sums that are not those of the numbers found name none",
        "tap_asana/state/number_sets.py",
        "if (next(powers) - next(powers) - sums[exponent]) % PRIME:",
        "if False:",
        PASSES,
        "none: wrong sums almost never lead to as many numbers as they count; this is the proof that these do not",
    ),
    Mutation(
        "a missing task that the pass must have read is not known once more",
        "tap_asana/sync/missing_objects.py",
        "return is_unlisted or TASKS in self._state.unread",
        "return True",
        PASSES,
    ),
    Mutation(
        "a list that a pass cannot read is owed",
        "tap_asana/sync/reconcile.py",
        "            on_unavailable=self._owe,\n",
        "",
        PASSES,
    ),
    Mutation(
        "what a pass could not read is still known",
        "tap_asana/state/reconciliation.py",
        'self._entry["unread"] = sorted({*self.unread, *streams})',
        "pass",
        PASSES,
    ),
    Mutation(
        "what fails to answer at the end of a pass is still known",
        "tap_asana/sync/missing_objects.py",
        "            self._state.add(kind_of(each.stream), [each.number])",
        "            pass",
        PASSES,
    ),
    Mutation(
        "another method or selection begins the pass again",
        "tap_asana/sync/reconcile.py",
        "if state.began is None or not state.fits(self._method, self._streams):",
        "if state.began is None:",
        PASSES,
    ),
    Mutation(
        "a pass reads by lists where searches leave tasks out",
        "tap_asana/sync/reconcile.py",
        "return LIST if needs_lists(context) else SEARCH",
        "return SEARCH",
        (*PASSES, "tests/repo/test_failed_seeds.py"),
    ),
    Mutation(
        "a run without reconcile_days forgets what is known",
        "tap_asana/sync/session.py",
        "            self.inventories.forget(state)",
        "            pass",
        PASSES,
    ),
    Mutation(
        "what is created during a pass is no part of it",
        "tap_asana/sync/inventory.py",
        "lambda created: began is None or created is None or not is_since(created, began))",
        "lambda created: True)",
        PASSES,
    ),
    Mutation(
        "what only a pass has met is known",
        "tap_asana/sync/reconcile.py",
        "                        self._inventory.meet(event)\n",
        "",
        PASSES,
    ),
    Mutation(
        "a pass stays below its share of the request rate",
        "tap_asana/sync/reconcile.py",
        "return self._method == EXPORT or self._requests - self._requests_before + self._stage_cost <= self._allowance",
        "return True",
        PASSES,
    ),
)

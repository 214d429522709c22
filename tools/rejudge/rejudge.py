#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Judges every violation that ptvmx reports again, from observations alone.

    ptvmx run scenarios --format json --evidence 0 > v.json; rejudge.py PTVMX v.json

An outsider: it shares nothing with ptvmx but docs/observations.md and the definitions that `ptvmx
list checks` prints. Each violation's run is written by its command with --observations and read up
to where it was judged; there it has to be true. Exit status 1 if one is not."""

import collections
import functools
import json
import shlex
import subprocess
import sys
import tempfile
from types import SimpleNamespace

TRUNCATED, MISSING = 1, 5  # MISSING: TRUNCATED or PARTIAL
BYTES = ("packet", "store", "retire", "topa_fetch")  # change nothing that is asked for here
WORKLOAD = ("progress", "idle", "vcpu_run", "retire")  # stimuli that are no kernel code


class World:  # what has been seen up to a moment and what follows; the last observation is now
    def __init__(self, seen):
        self.seen, self.now = seen, seen[-1] if seen else {}
        self.kind = self.now.get("kind")
        self.events = lambda: [o["event"] for o in seen if o["kind"] == "open"]
    def last(self, kinds, good=lambda o: True, **fields):
        return next((o for o in reversed(self.seen) if o["kind"] in kinds and good(o)
                     and all(o[k] == v for k, v in fields.items())), {})
    def since(self, o):
        return World(self.seen[o["seq"] + 1:] if o else self.seen)
    def of(self, e, *kinds):
        return [o for o in self.seen if o["kind"] in kinds and o["event"] == e]
    # --- What holds of an LP, then of an event ---
    def trace(self, lp):
        return self.last(["trace_en"], lp=lp).get("value", 0)
    def trigger(self, lp):
        return self.last(["trigger_en"], lp=lp).get("value", 0)
    def in_vmx(self, lp):
        return self.last(["vmx_mode"], lp=lp).get("mode", "off") != "off"
    def owner(self, lp):
        return next((e for e in self.events() if self.begun(e).get("lp") == lp), None)
    def inside(self, lp):  # kernel code is on its stack
        kinds = collections.Counter(o["kind"] for o in self.seen if o["lp"] == lp)
        o = self.last(["stimulus"], lp=lp)
        return (kinds["call"] > kinds["ret"] or kinds["int_enter"] > kinds["int_exit"]
                or (o.get("phase") == "begin" and o["stimulus_kind"] not in WORKLOAD))
    def begun(self, e):  # the transaction that is open, as its aux_begin
        o = self.last(["aux_begin", "aux_end"], lambda o: not o.get("failed"), event=e)
        return o if o.get("kind") == "aux_begin" else {}
    def asked(self, e, what="enable", others=("disable", "close")):
        return what == self.last(["ask"], lambda o: o["what"] in (what, *others),
                                 event=e).get("what")
    def paused(self, e):
        return self.asked(e, "pause", ("resume",))
    def sched(self, e):
        return self.last(["sched"], event=e).get("in", self.last(["open"], event=e, context="cpu"))
    def lp(self, e):
        o = self.last(["sched"], lambda o: o["in"], event=e)
        return o["lp"] if o else self.last(["open"], event=e)["open_lp"]
    def state(self, e):
        return self.last(["event_state"], event=e).get("state", "off")
    def running(self, e):
        return self.last(["running"], event=e).get("value", 0)
    def told(self, e):
        after = self.since(self.last(["ask"], event=e, what="enable"))
        return any(o.get("state") == "error" or (o.get("type") == "aux" and o["flags"] & TRUNCATED)
                   for o in after.of(e, "event_state", "record"))
    def wanted(self, e):
        return (self.state(e) != "none" and self.asked(e) and self.sched(e) and not self.told(e)
                and not any(self.state(r) == "active" and self.sched(r) and self.lp(r) == self.lp(e)
                            for r in self.events() if r != e))  # a rival
    def can_trace(self, e):
        return self.last(["power"], lp=self.lp(e)).get("on", 1) and (
            not self.in_vmx(self.lp(e)) or self.last(["lp_info"], lp=self.lp(e))["pt_in_vmx"])
    def situation(self, e):  # as verdicts of confluent word it: what is seen -> what came of it
        begun, on, can = self.begun(e), self.sched(e), self.sched(e) and self.can_trace(e)
        trace = self.trace(begun.get("lp", self.lp(e))) and (
            begun or (on and self.owner(self.lp(e)) is None))
        flagged = self.running(e) and not can and begun and any(
            o["flags"] & MISSING for o in self.since(begun).of(e, "aux_flag"))
        return ("asked=%d on_lp=%d paused=%d can_trace=%d room=%s told=%d -> state=%s running=%d "
                "trace_en=%d transaction=%d flagged=%d" % (
                    self.asked(e), bool(on), self.paused(e), bool(can), self.stream(e).room,
                    self.told(e), self.state(e).upper(), self.running(e), bool(trace), bool(begun),
                    bool(flagged)))
    def stream(self, e):  # of an event; positions count bytes since it was opened
        was = self.last(["open"], event=e)
        s = SimpleNamespace(pmi=0, pmi_lp=None, wrong=False, room="", unread=False, lost=False,
                            pages={}, tight=set(), size=was["aux_size"], full=was["mode"] == "full")
        s.pos = s.head = s.tail = s.read = s.tiled = s.begin = was["earlier"]
        for o in [o for o in self.seen if (o.get("place") or o).get("event") == e]:
            self.step(s, o, o["kind"])
            free, at = s.size - max(s.pos - s.tail, 0), s.pos % s.size
            rest = min([start for start in s.pages if start > at] + [s.size]) - at
            s.room = "yes" if not s.full or free >= rest + max(s.pages.values()) else (
                "none" if free < rest else "between")
            s.tight |= {o["seq"]} if s.room != "yes" else set()
        return s
    def step(self, s, o, kind):
        s.unread = False
        if kind == "page":
            s.pages.update({o["offset"]: o["bytes"]})
        elif kind in ("store", "sw_store") and s.full and o.get("what") != "sample":
            used, offset = max(max(s.pos, s.head) - s.tail, 0), o["place"]["offset"]
            ahead, behind = (offset - s.pos) % s.size, (offset - s.tail) % s.size
            s.unread = used and (behind < used or behind + o["bytes"] > s.size)
            s.wrong = s.wrong or ahead
            s.pos += ahead + o["bytes"] if not ahead or used + ahead + o["bytes"] <= s.size else 0
        elif kind == "pmi_raised" and s.full:
            ahead = (o["place"]["offset"] - s.pos) % s.size
            byte = s.pos + ahead - (0 if ahead < 16 else s.size)  # of this clock's store, or before
            s.pmi, s.pmi_lp = max(s.pmi, byte + 1), o["lp"]
        elif kind == "aux_begin" and not o["failed"] and s.full:
            s.wrong, s.pos, s.begin = s.wrong or o["head"] != s.pos, o["head"], o["head"]
        elif kind == "aux_end" and s.full:
            s.wrong = s.wrong or s.begin + o["size"] != s.pos
        elif kind == "record" and o["type"] == "aux":
            s.wrong = s.wrong or (o["offset"] != s.tiled and not s.lost)
            s.tiled, s.lost = o["offset"] + o["size"], False
        elif kind in ("record", "head", "consume"):
            s.lost = s.lost or o.get("type") == "lost"
            s.head, s.read = o.get("aux_head", s.head), o.get("head_seen", s.read)
            s.tail = o.get("tail", s.tail)
    # --- Checks: whether what a verdict says of event e is true now ---
    def violated(self, check, e):  # after a panic nothing that is left undone is
        dead = any(o.get("splat_kind") == "gp_panic" for o in self.seen)
        return getattr(self, check.replace("-", "_"))(e) and (
            not dead or check in ("no-gp", "no-splat", "vm-entry-ok"))
    def no_gp(self, _):
        return (self.kind == "msr" and self.now["fault"] != "none" and not self.now["safe"]
                and self.now["by"] in ("core", "driver", "nmi", "kvm"))
    def no_splat(self, _):
        injected = any(o.get("stimulus_kind") == "spurious_nmi" for o in self.seen)
        return self.now.get("splat_kind", "gp_panic") not in (
            "gp_panic", "gp_warn", "unknown_nmi" if injected else "")
    def vm_entry_ok(self, _):
        return self.kind == "vmx_op" and (self.now["result"], self.now["reason"]) in (
            ("entry_fail", 33), ("entry_fail", 34), ("fail_valid", 7))
    def freed(self, place):
        which = {"event": place["event"]} if place else {"freed": True}
        return self.last(["page"], lambda o: not place or (
            0 <= place["offset"] - o["offset"] < o["bytes"]), **which).get("freed")
    def trace_owned(self, _):
        place, owner = self.now.get("place"), self.owner(self.now["lp"])
        if self.kind == "store":
            return not self.freed(place) and (not place or place["event"] != owner)
        return self.kind in ("trace_en", "aux_end") and self.trace(self.now["lp"]) and owner is None
    def unread_safe(self, e):
        return "store" in self.kind and (self.freed(self.now["place"]) or self.stream(e).unread)
    def stopped_is_stopped(self, e):
        lp, halts = self.now["lp"], (("ret", "stop"), ("ret", "del"), ("failed", "start"))
        turns = [(o["kind"] if o.get("result", 0) >= 0 else "failed", o["function"].replace(
            "add", "start")) for o in self.of(e, "call", "ret") if o["lp"] == lp]
        last = [t for t in turns if t in halts + (("call", "start"),)][-1:]
        pause = [t for t in turns if t in (("ret", "pause"), ("call", "resume"))][-1:]
        return self.trace(lp) and self.owner(lp) in (None, e) and (
            last and last[0] in halts or pause == [("ret", "pause")])
    def belief_true(self, _):  # but for notify(1) .. VMXON, and VMXOFF .. end of notify(0)
        lp, vmx = self.now["lp"], self.in_vmx(self.now["lp"])
        told = self.last(["call"], function="notify", lp=lp).get("argument")
        edge = self.last(["call", "ret", "vmx_mode", "settled"], lambda o: (o["kind"], o.get(
            "function")) not in (("call", "virt"), ("ret", "notify" if told else "")) and o.get(
                "function", "virt") in ("virt", "notify"), lp=lp)
        window = edge.get("mode") == "off" or (edge.get("kind") == "call" and not vmx)
        beliefs = [o for o in self.seen if o["kind"] == "belief" and o["lp"] == lp]
        return beliefs and not window and not self.last(["lp_info"], lp=lp)["pt_in_vmx"] and (
            bool(beliefs[-1]["vmx_on"]) != vmx or (vmx and beliefs == [self.now]))  # or too late
    def resumes(self, e):
        return (self.kind == "settled" and self.wanted(e) and not self.paused(e)
                and self.can_trace(e) and self.stream(e).room == "yes"
                and not self.trigger(self.lp(e)))
    def pmi_handled(self, e):
        s, lvt = self.stream(e), self.last(["lvt"], lp=self.stream(e).pmi_lp)
        return self.kind == "settled" and s.pmi and self.state(e) != "none" and (
            s.head < s.pmi or self.last(["gs55"], lp=s.pmi_lp).get("value")
            or (lvt["cause"] == "delivery" and lvt["value"] & 1 << 16))
    def stop_noticed(self, e):
        o = self.last(["trigger_en"], lp=self.begun(e).get("lp"))
        return (self.kind == "settled" and self.begun(e) and o and o["seq"] > self.begun(e)["seq"]
                and not o["value"] and o["cause"] in ("stop", "error") and self.running(e))
    def consumer_woken(self, e):
        s, new = self.stream(e), self.since(self.last(["consume"], event=e))
        due = (s.full and s.head - s.read >= self.last(["open"], event=e)["watermark"]) or any(
            o["flags"] & TRUNCATED for o in new.of(e, "record"))
        return self.kind == "settled" and due and self.state(e) != "none" and not new.of(e, "wake")
    def disable_effective(self, e):
        after = self.since(self.last(["ask"], event=e, what="enable"))
        return self.kind == "settled" and (not self.asked(e) or after.of(e, "disable_req")) and (
            self.state(e) == "active" or (self.begun(e) and self.trace(self.begun(e)["lp"])))
    def bytes_conserved(self, e):
        s = self.stream(e)
        return self.kind == "closed" and s.full and (
            s.wrong or (s.tiled != s.pos and not s.lost))
    def counted(self, e):  # time passes outside the kernel, at rest though wanted, or the reverse
        clock, wrong, in_vmx = {}, False, False
        for i, o in enumerate(self.seen):
            passed, clock[o["lp"]] = o["cycle"] > clock.get(o["lp"], 0), o["cycle"]
            w = World(self.seen[:i])
            if o["kind"] in BYTES or not passed or e not in w.events() or o["lp"] != w.lp(e):
                continue
            change = w.since(w.last(["open", "ask", "sched"], event=e))  # the core's turn after it
            wanted = w.wanted(e)
            in_vmx = in_vmx or (wanted and w.in_vmx(o["lp"]))
            wrong = wrong or (bool(wanted) != bool(w.running(e)) and not w.inside(o["lp"]) and (
                change.last(["stimulus", "int_exit", "settled"])) and (
                    w.stream(e).room == "yes" if wanted else not w.told(e)))
        return self.kind == "closed" and in_vmx and wrong
    def transactions(self, e):  # first and last seq of each, and its flagged records
        begins = [o["seq"] for o in self.of(e, "aux_begin") if not o["failed"]]
        for begin, end in zip(begins, begins[1:] + [len(self.seen)]):
            mine = World(self.seen[begin:end])
            yield begin, min([o["seq"] for o in mine.of(e, "aux_end")] + [end]), [
                o for o in mine.of(e, "record") if o["type"] == "aux" and o["flags"] & MISSING]
    def dark(self, e):  # runs of dark branches, and drops: first seq, last, whether marked
        gaps, on, fresh, marked = [], {}, True, False
        for o in self.seen:
            if o["kind"] == "retire" and o["lp"] == on.get("lp") and o["event_scope"] and (
                    o["scope"] != "driver"):
                if not o["traced"] and fresh:
                    gaps.append([o["seq"], o["seq"], marked])
                elif not o["traced"]:
                    gaps[-1][1] = o["seq"]
                fresh, marked = o["traced"], marked and not o["traced"]
            elif o["kind"] == "running" and o["event"] == e:
                on, fresh = o if o["value"] else {}, True
            elif o["kind"] in ("record", "ask") and o["event"] == e:
                marked = o.get("what") != "enable" and (marked or o["flags"] & TRUNCATED)
            elif o["kind"] == "drop" and World(self.seen[:o["seq"]]).owner(o["lp"]) == e:
                then = [p["packet_kind"] for p in self.seen[o["seq"]:] if "packet_kind" in p
                        and p["lp"] == o["lp"]][:1] if o["cause"] == "ovf" else ["lost"]
                gaps.insert(0, [o["seq"], o["seq"], marked or then in ([], ["OVF"])])
        return gaps
    def gap_announced(self, e):
        told = [(begin, end) for begin, end, records in self.transactions(e) if records]
        return self.kind == "closed" and any(
            not marked and not any(begin <= last and end >= first for begin, end in told)
            for first, last, marked in self.dark(e))
    def no_false_gap(self, e):  # a flagged record, and nothing was missing in its transaction
        for begin, end, records in [t for t in self.transactions(e) if t[2]]:
            lp, tight = self.seen[begin]["lp"], self.stream(e).tight & set(range(begin, end + 1))
            lost = any(last >= begin and first <= end for first, last, _ in self.dark(e)) or any(
                w.now["lp"] == lp and w.running(e) and not w.trigger(lp) and not w.inside(lp)
                for w in [World(self.seen[:i + 1]) for i in range(begin, end)
                          if self.seen[i]["kind"] not in BYTES])
            if any(not lost and not (o["flags"] & TRUNCATED and tight) for o in records):
                return self.kind == "closed"
        return False


@functools.lru_cache(maxsize=2)
def observations(program, command):
    with tempfile.NamedTemporaryFile() as file:
        subprocess.run([program, *shlex.split(command)[1:], "--observations", file.name,
                        "--evidence", "0"], stdout=subprocess.DEVNULL, check=False)
        with open(file.name, encoding="utf-8") as lines:  # put in the place of the empty one
            return [{**o, "flags": int(o.get("flags", "0"), 16)} for o in map(json.loads, lines)]


def world_of(program, claim):
    """What was seen up to the claimed observation, in its copy if it was in one."""
    seen, stimulus = [], 0
    for o in observations(program, claim["command"]):
        if "copy" not in o or (o["copy"] == claim.get("copy") and stimulus == claim["stimulus"]):
            seen[o["seq"]:] = [o]  # what a copy had added is gone
            stimulus = o["index"] if o["kind"] == "stimulus" else stimulus
            if o.get("copy") == claim.get("copy") and stimulus == claim["stimulus"] and (
                    claim["seq"] in (o["seq"], o["kind"])):
                return World(seen)
    return World([])


def is_true(program, result):
    if "pair" in result:
        (situation, outcome), other = [s["situation"].split(" -> ") for s in result["pair"]]
        return situation == other[0] and outcome != other[1] and all(
            side["situation"] == world_of(program, {**side, "copy": "settled", "seq": "settled"})
            .situation(side["event"]) for side in result["pair"])
    claim, check, w = result["earliest"], result["check"], world_of(program, result["earliest"])
    return w.now.get("cycle") == claim["cycle"] and w.violated(check, claim.get("event")) and (
        not World(w.seen[:-1]).violated(check, claim.get("event")))  # nor sooner


def main():
    with open(sys.argv[2], encoding="utf-8") as file:
        claims = [(f["file"], p["policy"], r) for f in json.load(file)["files"]
                  for p in f["policies"] for r in p.get("checks", []) if r["violated"]]
    wrong = [claim for claim in claims if not is_true(sys.argv[1], claim[2])]
    for name, policy, result in wrong:
        print(name, policy, result["check"], "is not violated there")
    print(len(claims), "violations judged again,", len(wrong), "not confirmed:", ", ".join(
        "%s %d" % pair for pair in collections.Counter(c[2]["check"] for c in claims).items()))
    return 1 if wrong or not claims else 0


if __name__ == "__main__":
    sys.exit(main() if len(sys.argv) == 3 else __doc__)

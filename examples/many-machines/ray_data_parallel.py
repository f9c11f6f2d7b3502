"""Steps that several machines make together, by Ray: each computes gradients of segments of a batch, the driver adds them in a fixed tree, and all
make the same step. The weights have the bits of one machine (node member.mjs alone), whatever machines there are and whenever one dies.

pip install ray==2.60.0 numpy; python ray_data_parallel.py [members, default 2] [kill one every so many steps, default 0: none]
"""

import json
import os
import struct
import subprocess
import sys

import numpy as np
import ray

HERE = os.path.dirname(os.path.abspath(__file__))
MEMBERS = int(sys.argv[1]) if len(sys.argv) > 1 else 2
KILL_EVERY = int(sys.argv[2]) if len(sys.argv) > 2 else 0


@ray.remote(num_cpus=0.25, max_restarts=-1)
class Member:
    """A Node process on pipes, on whichever machine Ray has put it."""

    def __init__(self):
        command = ["node", os.path.join(HERE, "member.mjs")]
        self.node = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=HERE)

    def ask(self, what, message=None, buffers=()):
        head = json.dumps({**(message or {}), "ask": what, "lengths": [len(each) for each in buffers]}).encode()
        self.node.stdin.write(struct.pack("<I", len(head)) + head + b"".join(buffers))
        self.node.stdin.flush()
        (length,) = struct.unpack("<I", self.node.stdout.read(4))
        answer = json.loads(self.node.stdout.read(length))
        return answer, [self.node.stdout.read(each) for each in answer.pop("lengths")]

    def die(self):
        self.node.kill()
        os._exit(1)


def add(left, right):
    """Two neighboring parts as one. float32 is added as everywhere."""
    (a, buffers), (b, more) = left, right
    gradients = np.frombuffer(buffers[0], np.float32) + np.frombuffer(more[0], np.float32)
    totals = {name: np.add(a["totals"][name], b["totals"][name]).tolist() for name in a["totals"]}
    both = {**a, "count": a["count"] + b["count"], "counts": a["counts"] + b["counts"], "totals": totals}
    return both, [gradients.tobytes(), *buffers[1:], *more[1:]]


def tree(parts):
    """((0 + 1) + (2 + 3)) + ...: each left part a power of two of them."""
    if len(parts) == 1:
        return parts[0]
    left = 1
    while 2 * left < len(parts):
        left *= 2
    return add(tree(parts[:left]), tree(parts[left:]))


def make_step(members, segments):
    asked = [members[i % len(members)].ask.remote("gradients", {"segment": i}) for i in range(segments)]
    message, buffers = tree([part for part in ray.get(asked) if not part[0].get("empty")])
    answers = ray.get([member.ask.remote("apply", message, buffers) for member in members])
    return answers[0][0]["logs"]


def main():
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    members = [Member.remote() for _ in range(MEMBERS)]
    plan = ray.get(members[0].ask.remote("plan"))[0]
    checkpoint = ray.get(members[0].ask.remote("save"))[1]
    step, kills = 0, 0
    while step < plan["steps"]:
        if KILL_EVERY and step % KILL_EVERY == KILL_EVERY - 1 and kills < (step + 1) // KILL_EVERY:
            members[kills % MEMBERS].die.remote()
            kills += 1
        try:
            logs = make_step(members, plan["segments"])
            step += 1
            checkpoint = ray.get(members[step % MEMBERS].ask.remote("save"))[1]
        except ray.exceptions.RayActorError:
            # Ray starts the lost one again, empty. All go back to the last step that all have made, and repeat the one that was lost.
            for member in members:
                while True:
                    try:
                        ray.get(member.ask.remote("load", None, checkpoint))
                        break
                    except ray.exceptions.RayActorError:
                        continue
    hashes = {ray.get(member.ask.remote("sha256"))[0]["sha256"] for member in members}
    print(f"{MEMBERS} members, {step} steps, {kills} killed, loss {logs['loss']:.4f}, weights {' '.join(sorted(hashes))}")


if __name__ == "__main__":
    main()

"""Plays kubectl for check.sh: runs the containers of Jobs here, one after the other.

It knows what night.sh asks and no more. The folder PLAY_SHOP stands for the volume, PLAY_BINARY for
the image. The first try of index 1 is killed, as by a node that goes away.
"""

import os
import subprocess
import sys
from pathlib import Path

import yaml

STATE = Path(os.environ["PLAY_STATE"])


def main(command, *rest):
    if command == "apply":
        [step] = [word.removeprefix("step=") for word in rest if word.startswith("step=")]
        for thing in yaml.safe_load_all(sys.stdin):
            if thing["metadata"]["labels"]["step"] == step:
                play(thing["metadata"]["name"], thing["spec"])
    elif command == "delete":
        (STATE / rest[1]).unlink(missing_ok=True)
    elif command == "get":
        print((STATE / rest[1]).read_text())
    elif command != "logs":
        sys.exit(f"play.py: {command} is not played")


def play(name, job):
    """Runs every index of a Job, with its tries, and keeps how the Job ended."""
    ended = STATE / name
    if ended.exists():
        sys.exit(f"play.py: {name} exists, and a Job cannot be changed")
    [rule] = [rule for rule in job["podFailurePolicy"]["rules"] if rule["action"] == "FailJob"]
    tries = 1 + job.get("backoffLimitPerIndex", job.get("backoffLimit", 6))
    for index in range(job.get("completions", 1)):
        for number in range(1, tries + 1):
            code = run(job, index, kill=(index, number) == (1, 1))
            print(f"{name}: index {index}, try {number}: exit code {code}")
            if code == 0 or code in rule["onExitCodes"]["values"]:
                break
        if code != 0:
            ended.write_text("FailureTarget Failed")
            return
    ended.write_text("SuccessCriteriaMet Complete")


def run(job, index, kill):
    [container] = job["template"]["spec"]["containers"]
    [mount] = container["volumeMounts"]
    words = [
        word.replace("$(JOB_COMPLETION_INDEX)", str(index))
        .replace(mount["mountPath"] + "/", os.environ["PLAY_SHOP"] + "/")
        for word in container["args"]
    ]
    # As in the image: no variable of ours, and a working folder that nothing is written to.
    process = subprocess.Popen([os.environ["PLAY_BINARY"], *words], cwd="/", env={})
    if kill:
        try:
            process.wait(0.3)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])

# Prints what TensorBoard's own reader finds in each run below a folder: hyperparameters, group, status and scalars, as JSON.
import json
import os
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import metadata

runs = {}
for name in sorted(os.listdir(sys.argv[1])):
    events = EventAccumulator(os.path.join(sys.argv[1], name))
    events.Reload()
    start = metadata.parse_session_start_info_plugin_data(
        events.SummaryMetadata(metadata.SESSION_START_INFO_TAG).plugin_data.content
    )
    end = metadata.parse_session_end_info_plugin_data(
        events.SummaryMetadata(metadata.SESSION_END_INFO_TAG).plugin_data.content
    )
    runs[name] = {
        "hparams": {key: getattr(value, value.WhichOneof("kind")) for key, value in start.hparams.items()},
        "group": start.group_name,
        "status": end.status,
        "scalars": {tag: [[each.step, each.value] for each in events.Scalars(tag)] for tag in events.Tags()["scalars"]},
    }
print(json.dumps(runs))

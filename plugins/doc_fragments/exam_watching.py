"""What exam_watch and exam_status have in common."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of ``watching_spec`` in exam_room.watch.options."""

    DOCUMENTATION = r"""
options:
  directory:
    description: The session's directory on the controller.
    type: path
    required: true
  session:
    description: The session as M(exam_session) returns it.
    type: dict
    required: true
  seats:
    description: The seats as M(exam_session) returns them. Changes of seat come from the session's journal.
    type: list
    elements: dict
    required: true
  volume:
    description: Administrative share of the volume that holds the results.
    type: str
    default: D$
  root:
    description: The results root, relative to O(volume).
    type: str
    default: Exam\share
  material:
    description: Folder of the raw material on the controller. An unchanged copy of a file of it is no save.
    type: path
  units:
    description: The folders of O(material) that count; all when left out.
    type: list
    elements: str
  not_connected_after_s:
    description: Seconds after the start from which a candidate who never connected is a warning.
    type: float
    default: 120
  lost_after_s:
    description: Seconds from which a lost connection is a warning.
    type: float
    default: 20
  idle_disconnect_s:
    description: A connection that ended after this long without a request was closed by Windows for idleness.
    type: float
    default: 600
  first_save_min:
    description: Minutes after the start from which nothing saved is a warning.
    type: float
    default: 15
  save_every_min:
    description: Minutes without a save that are a warning.
    type: float
    default: 20
  required_min:
    description:
      - Minutes before the deadline from which it is a warning that a file is missing which the exam asks for at the
        least. Not before three quarters of the time are over.
    type: float
    default: 10
  clock_step_s:
    description: Seconds of movement of the server's clock against the controller's monotonic clock.
    type: float
    default: 1
  disc_low_gb:
    description: Free space of the results volume below which it is a warning, in 10^9 bytes.
    type: float
    default: 5
  disc_full_gb:
    description: Free space below which it is an alarm.
    type: float
    default: 1
  copies_every_min:
    description: Minutes between two rounds of safety copies; 0 is off.
    type: float
    default: 5
"""

//! The planner held against what the provider was seen to plan and to refuse.

//! What holds for every plan, whatever the type and the configuration.

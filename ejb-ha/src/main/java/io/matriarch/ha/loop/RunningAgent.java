package io.matriarch.ha.loop;

import io.matriarch.ha.config.LocalConfig;

/**
 * What commands may use of a running agent: they write to the DCS, put a request into the inbox and wake the loop; they never decide.
 */
public record RunningAgent(LocalConfig config, Identity identity, Ports ports, Inbox inbox, WakeUps wakeUps) {}

package io.matriarch.ha.model;

/**
 * One line of a PostgreSQL timeline history file.
 *
 * @param timeline the parent timeline
 * @param switchPoint where it was left
 */
public record TimelineSwitch(Timeline timeline, Lsn switchPoint, String reason) {}

package io.matriarch.ha.model;

/** Somebody or something that a decision did not choose, and why not. */
public record RejectedCandidate(String what, String why) {}

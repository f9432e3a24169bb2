package io.matriarch.ha.adapter.peer;

/** An answer of a member: its HTTP status and what it said. */
record HttpAnswer(int status, String body) {}

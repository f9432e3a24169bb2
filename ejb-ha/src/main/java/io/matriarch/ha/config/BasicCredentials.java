package io.matriarch.ha.config;

/** A user name and its password. */
public record BasicCredentials(String username, Secret password) {}

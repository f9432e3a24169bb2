package io.matriarch.ha.config;

import java.util.Optional;

/**
 * An option for {@code initdb}, {@code pg_basebackup} or {@code pg_rewind}, set by the user.
 *
 * @param name long name without dashes
 * @param value empty for a switch
 */
public record ToolOption(String name, Optional<String> value) {

    /** {@code --name} or {@code --name=value}, one argument for the program. */
    public String argument() {
        return "--" + name + value.map(text -> "=" + text).orElse("");
    }
}

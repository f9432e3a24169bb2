/** JSON text to plain values and back, for adapters, configuration and web alike. Knows no document; imports the JDK's values only. */
@NullMarked
package io.matriarch.ha.json;

import org.jspecify.annotations.NullMarked;

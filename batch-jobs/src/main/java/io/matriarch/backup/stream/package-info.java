/** The WAL stream: follows whoever leads, on a slot of its own, and confirms only what is durable in the repository. */
@NullMarked
package io.matriarch.backup.stream;

import org.jspecify.annotations.NullMarked;

/** Encryption at rest in the age format, which the programs age and rage decrypt; the only package that knows Jagged. */
@NullMarked
package io.matriarch.backup.store.age;

import org.jspecify.annotations.NullMarked;

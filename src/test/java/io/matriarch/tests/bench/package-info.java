/** Measures what the product promises, with the probes of the system tests, and writes the figures down. */
@NullMarked
package io.matriarch.tests.bench;

import org.jspecify.annotations.NullMarked;

/**
 * Scenarios with real processes: what clients see when something breaks. Each method is a claim; after each, one
 * member leads, all
 * others stream, and the acknowledged rows prove that no two members ever acknowledged at the same time.
 */
@NullMarked
package io.matriarch.tests.system;

import org.jspecify.annotations.NullMarked;

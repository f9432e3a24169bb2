/**
 * What system tests and benchmarks are made of: real etcd, real agents with real PostgreSQL, faults, and writers whose
 * acknowledged rows are the only witness that counts. Everything here starts and stops processes of its own only.
 */
@NullMarked
package io.matriarch.tests.support;

import org.jspecify.annotations.NullMarked;

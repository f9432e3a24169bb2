package io.matriarch.backup.verify;

import io.matriarch.ha.model.BackupPolicy.Verification;

/**
 * What a verification is to do besides restoring.
 *
 * @param superuser of the cluster, who may read everything
 * @param database that the managers log in to: it holds the heartbeat
 * @param wish up to where to replay
 * @param wanted what the users want of it
 * @param earlier what verifications before it saw
 */
public record Task(String superuser, String database, Wish wish, Verification wanted, Earlier earlier) {}

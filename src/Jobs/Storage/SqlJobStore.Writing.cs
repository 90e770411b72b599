namespace Admission.Jobs.Storage;

/// <content>What goes through the <see cref="JobWriter"/>.</content>
internal sealed partial class SqlJobStore
{
    // The writer's loop: one at a time.
    private async Task CommitAsync(IReadOnlyList<JobChange> changes)
    {
        var chosen = new List<JobChange>(changes.Count);
        foreach (var change in changes)
        {
            if (change is AcceptChange accept && await _load.TryAddAsync(accept.Job, CancellationToken.None) is var outcome and not AcceptOutcome.Stored)
            {
                accept.Answer(outcome, "");
            }
            else
            {
                chosen.Add(change);
            }
        }

        if (chosen.Count == 0)
        {
            return;
        }

        // Stable: what is said of one claim stays in its order, and so do jobs without a key. Two gateways that store the same keys at once do so in one order.
        chosen = [.. chosen.OrderBy(change => (change as ClaimChange)?.Claim.Id ?? "", StringComparer.Ordinal).ThenBy(change => (change as AcceptChange)?.Job.Key ?? "", StringComparer.Ordinal)];
        var news = NewsOf(chosen);
        var changed = await _database.ExecuteAsync([.. chosen.Select(StatementOf)], news, CancellationToken.None);
        news.Raise(Signals);
        if (chosen.Exists(change => change is FinishChange { Claim.HasCallback: true } finish && finish.End.State.IsFinal()))
        {
            Signals.Callbacks();
        }

        for (var i = 0; i < changed.Length; i++)
        {
            switch (chosen[i])
            {
                case AcceptChange accept when changed[i] > 0:
                    _metrics?.Stored(accept.Job.Backend);
                    accept.Answer(AcceptOutcome.Stored, accept.Job.Id);
                    break;
                case AcceptChange accept:
                    await AnswerKnownAsync(accept);
                    break;
                case FinishChange finish when changed[i] > 0:
                    _load.Recorded(finish.Claim.Backend, finish.End.State.IsFinal(), finish.Size);
                    _metrics?.Recorded(finish.Claim.Backend, finish.End);
                    finish.Answer(recorded: true);
                    break;
                case FinishChange finish:
                    finish.Answer(await WasFinishedAsync(finish));
                    break;
                case MarkChange mark:
                    mark.Answer(changed[i] > 0);
                    break;
            }
        }
    }

    // Only a key that is there already keeps a job out: ids are random.
    private async Task AnswerKnownAsync(AcceptChange accept)
    {
        var job = accept.Job;
        var known = await _database.ReadOwnAsync((connection, token) => FindKeyAsync(connection, job.Backend, job.Tenant, job.Key ?? "", token), CancellationToken.None);
        if (known is { } found)
        {
            accept.Answer(found.Fingerprint.AsSpan().SequenceEqual(job.Fingerprint) ? AcceptOutcome.Known : AcceptOutcome.KeyReused, found.Id);
        }
        else
        {
            accept.Fail(new IOException("The job under the same key was deleted at this moment. Try again."));
        }
    }

    private async Task<bool> WasFinishedAsync(FinishChange finish) =>
        finish.End.State.IsFinal() && await _database.ReadOwnAsync(
            (connection, token) => Dapper.SqlMapper.ExecuteScalarAsync<long>(
                connection, Command(_sql.WasFinished, new { id = finish.Claim.Id, fence = finish.Claim.Fence, state = (short)finish.End.State }, null, token)),
            CancellationToken.None) > 0;

    private static JobNews NewsOf(List<JobChange> changes)
    {
        var backends = new HashSet<string>(StringComparer.Ordinal);
        var jobs = new List<string>();
        foreach (var change in changes)
        {
            switch (change)
            {
                case AcceptChange accept:
                    backends.Add(accept.Job.Backend);
                    break;
                case FinishChange { End.State: JobState.Queued } finish:
                    backends.Add(finish.Claim.Backend);
                    break;
                case FinishChange finish:
                    jobs.Add(finish.Claim.Id);
                    break;
            }
        }

        return new JobNews(backends, jobs);
    }

    private JobStatement StatementOf(JobChange change) => change switch
    {
        AcceptChange accept => Insertion(accept.Job),
        FinishChange finish => Ending(finish),
        MarkChange mark => new JobStatement(
            _sql.Mark, ("sent", mark.Sent ? 1 : 0), ("ttl", Milliseconds(mark.Ttl)), ("id", mark.Claim.Id), ("fence", mark.Claim.Fence)),
        _ => throw new InvalidOperationException($"A change of kind {change.GetType().Name} is not known."),
    };

    private JobStatement Insertion(NewJob job) => new(
        _sql.Insert, ("service", Service), ("id", job.Id), ("backend", job.Backend), ("tenant", job.Tenant), ("owner", job.Owner), ("request", job.Request), ("body", job.Body),
        ("size", job.Size), ("key", job.Key), ("fingerprint", job.Fingerprint), ("callback", job.Callback), ("ttl", Milliseconds(job.Policy.Ttl)))
    {
        Stores = job,
    };

    private JobStatement Ending(FinishChange finish)
    {
        var (claim, end) = (finish.Claim, finish.End);
        var tried = end.Attempt is not null && end.CountsAttempt ? 1 : 0;
        var state = (short)end.State;
        return end.State.IsFinal()
            ? new JobStatement(
                _sql.Finish, ("state", state), ("tried", tried), ("line", finish.Line), ("added", finish.Size), ("status", end.Result?.Status), ("headers", finish.Headers), ("body", end.Result?.Body),
                ("lasts", Milliseconds(end.Lasts)), ("id", claim.Id), ("fence", claim.Fence))
            : new JobStatement(
                _sql.PutBack, ("state", state), ("tried", tried), ("line", finish.Line), ("added", finish.Size), ("lasts", Milliseconds(end.Lasts)), ("id", claim.Id), ("fence", claim.Fence));
    }
}

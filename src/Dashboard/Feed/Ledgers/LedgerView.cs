using Admission.Capacity;
using Admission.Client;

namespace Admission.Dashboard.Feed.Ledgers;

/// <summary>What is known of one backend's ledger: its last answer, since when it does not answer, and its line. Thread-safe; at most one question is under way (<see cref="TryBegin"/>).</summary>
/// <param name="id">The backend.</param>
/// <param name="time">The clock.</param>
/// <param name="faults">Is told what is seen go wrong.</param>
internal sealed class LedgerView(string id, TimeProvider time, FaultLog faults)
{
    /// <summary>A ledger that takes longer for an answer does not answer, as far as people can tell.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LineLength = TimeSpan.FromMinutes(15);

    /// <summary>A look from the last round or two.</summary>
    private static readonly TimeSpan CloseLook = TimeSpan.FromSeconds(2.5);

    private const int MostPoints = 180;

    private readonly Lock _gate = new();
    private BackendGlance? _glance;
    private DateTimeOffset? _answeredAt;
    private DateTimeOffset? _unreachableSince;
    private string? _error;
    private (DateTimeOffset At, long Timestamp)? _asking;
    private long? _askedAt;
    private long? _closeLook;
    private LinePoint[] _line = [];

    /// <summary>The backend.</summary>
    public string Id { get; } = id;

    /// <summary>The grain's key.</summary>
    public string Key { get; } = CapacityGrainKey.Of(id.ToLowerInvariant());

    /// <summary>The last answer; null before the first.</summary>
    public BackendGlance? Glance
    {
        get
        {
            lock (_gate)
            {
                return _glance;
            }
        }
    }

    /// <summary>The last answer is no older than the last question.</summary>
    public bool Answers
    {
        get
        {
            lock (_gate)
            {
                return _glance is not null && _unreachableSince is null;
            }
        }
    }

    /// <summary>Whether to ask: not while a question is under way, not sooner than a time after the last, and more rarely what does not answer.</summary>
    public bool IsDue(TimeSpan again, TimeSpan lostAgain)
    {
        lock (_gate)
        {
            return _asking is null && (_askedAt is not { } asked || time.GetElapsedTime(asked) >= (_unreachableSince is null ? again : lostAgain));
        }
    }

    /// <summary>Somebody looks closely, for some seconds.</summary>
    public void LookClosely()
    {
        lock (_gate)
        {
            _closeLook = time.GetTimestamp();
        }
    }

    /// <summary>Begins a question, if none is under way.</summary>
    /// <param name="epoch">The epoch of the last sample known.</param>
    /// <param name="after">Its number.</param>
    /// <param name="closely">Whether somebody looks closely.</param>
    public bool TryBegin(out long epoch, out long after, out bool closely)
    {
        lock (_gate)
        {
            closely = _closeLook is { } look && time.GetElapsedTime(look) < CloseLook;
            (epoch, after) = _glance is { } last ? (last.Epoch, last.LastSample) : (0, -1);
            if (_asking is not null)
            {
                return false;
            }

            _askedAt = time.GetTimestamp();
            _asking = (time.GetUtcNow(), _askedAt.Value);
            return true;
        }
    }

    /// <summary>Takes the answer.</summary>
    public void Take(BackendGlance glance)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (_glance is { } before && before.Epoch != glance.Epoch)
            {
                faults.Add(new FaultRow(now - glance.Age, Id, "epoch", $"The ledger began again: epoch {before.Epoch} is over, and {glance.Epoch} began{(glance.Silo is { Length: > 0 } silo ? $" on {silo}" : "")}."));
            }

            Append(glance, now);

            // The samples are in the line now.
            _glance = glance with { Samples = [] };
            _answeredAt = now;
            _unreachableSince = null;
            _error = null;
            _asking = null;
        }
    }

    /// <summary>There was no answer.</summary>
    public void Fail(string error)
    {
        lock (_gate)
        {
            if (_unreachableSince is null)
            {
                _unreachableSince = _asking?.At ?? time.GetUtcNow();
                faults.Add(new FaultRow(_unreachableSince, Id, "unreachable", $"The ledger did not answer: {error}"));
            }

            _error = error;
            _asking = null;
        }
    }

    /// <summary>The row in the overview.</summary>
    /// <param name="client">This process as a holder; null where it is none.</param>
    public BackendRow ToRow(AdmissionClient? client)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var late = _asking is { } asking && time.GetElapsedTime(asking.Timestamp) > LongestSilence;
            var since = _unreachableSince ?? (late ? _asking!.Value.At : null);
            var troubles = Troubles.Of(_glance, since is { } silent ? now - silent : null);
            var row = new BackendRow
            {
                Id = Id,
                Status = since is not null ? "unreachable" : _glance is null ? "asking" : IsIdle(_glance) ? "idle" : KebabCase.Of(_glance.Status),
                Troubles = troubles,
                Trouble = troubles.Sum(static trouble => trouble.Weight),
                Line = _line,
                AnsweredAt = _answeredAt,
                UnreachableSince = since,
                Error = since is null ? null : _error ?? "The ledger has not answered yet.",
            };
            return _glance is null ? row : Fill(row, _glance, client);
        }
    }

    /// <summary>What the ledger itself says that it has gone through.</summary>
    public IEnumerable<FaultRow> Faults()
    {
        BackendGlance? glance;
        DateTimeOffset now;
        lock (_gate)
        {
            (glance, now) = (_glance, _answeredAt ?? default);
        }

        if (glance is null)
        {
            yield break;
        }

        if (glance.Recovery is { } recovery)
        {
            yield return new FaultRow(now - glance.Age, Id, "recovery", glance.Status == LedgerStatus.Recovering
                ? "The ledger began without knowing what its holders hold, and finds out."
                : $"The ledger began without knowing what its holders held, and knew after {recovery.TotalSeconds:0.#} s.");
        }

        if (glance.LastLeaseLoss is { } loss)
        {
            yield return new FaultRow(now - loss, Id, "lease-lost", glance.LeaseLosses == 1
                ? "A holder's lease ended while it held permits."
                : $"A holder's lease ended while it held permits: the last of {glance.LeaseLosses} in this epoch.");
        }

        if (glance.LastEjection is { } ejection)
        {
            yield return new FaultRow(now - ejection, Id, "withheld", glance.Ejections == 1
                ? "A destination was withheld because it failed."
                : $"A destination was withheld because it failed: the last of {glance.Ejections} times in this epoch.");
        }
    }

    /// <summary>A ledger that nobody asks lets its authority run out, and has it again with the next request.</summary>
    private static bool IsIdle(BackendGlance glance) => glance is { Status: LedgerStatus.NoAuthority, Holders: 0 };

    private BackendRow Fill(BackendRow row, BackendGlance glance, AdmissionClient? client)
    {
        var (inUse, idle) = (glance.InUse, glance.Idle);
        if (glance.Holders == 1 && client?.StateOf(Id) is { HasLease: true } here)
        {
            // The only holder is this process, which knows how it stands, and need not have told.
            var held = inUse + idle;
            inUse = Math.Min(here.InUse + glance.Leased, held);
            idle = held - inUse;
        }

        return row with
        {
            Limit = glance.Limit,
            InUse = inUse,
            Idle = idle,
            Quarantined = glance.Quarantined,
            Waiting = glance.Waiting,
            QueueCapacity = glance.QueueCapacity,
            RefusedPerSecond = glance is { CountsAreMissing: true, RefusedPerSecond: 0 } ? null : glance.RefusedPerSecond,
            ServedPerSecond = glance.CountsAreMissing ? null : glance.ServedPerSecond,
            WaitP50 = glance.CountsAreMissing ? null : glance.WaitP50,
            WaitP99 = glance.CountsAreMissing ? null : glance.WaitP99,
            Utilisation = glance.Limit == 0 ? null : (double)(inUse + glance.Quarantined) / glance.Limit,
            Epoch = glance.Epoch,
            Silo = string.IsNullOrEmpty(glance.Silo) ? null : glance.Silo,
            Since = glance.Age > TimeSpan.Zero ? _answeredAt - glance.Age : null,
            Holders = glance.Holders,
            Leases = glance.Leases,
            Destinations = glance.Destinations,
            Withheld = glance.Withheld,
            SaturatedFor = glance.SaturatedFor,
            IsPaused = glance.IsPaused,
            IsAdjusted = glance.IsAdjusted,
            IsAdaptive = glance.IsAdaptive,
            PolicyVersion = glance.PolicyVersion,
        };
    }

    /// <summary>Adds new samples to the line. It is never changed, only replaced, because rows have it.</summary>
    private void Append(BackendGlance glance, DateTimeOffset now)
    {
        if (glance.Samples.Length == 0)
        {
            return;
        }

        var last = now - glance.SampleAge;
        var oldest = now - LineLength;
        var points = new List<LinePoint>(MostPoints);
        var first = last - ((glance.Samples.Length - 1) * LinePoint.Length);

        // What two questions have both told, as one may whose answer was lost, is there once.
        points.AddRange(_line.Where(point => point.At >= oldest && point.At < first - (LinePoint.Length / 2)));
        for (var i = 0; i < glance.Samples.Length; i++)
        {
            var sample = glance.Samples[i];
            points.Add(new LinePoint(first + (i * LinePoint.Length), sample.Limit, sample.InUse, sample.Waiting, sample.Refused, sample.Served));
        }

        _line = [.. points.Skip(Math.Max(0, points.Count - MostPoints))];
    }
}

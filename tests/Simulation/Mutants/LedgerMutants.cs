namespace Admission.Simulation;

/// <summary>A mutant: a ledger or a pool with one rule broken at its boundary.</summary>
internal abstract class Mutant : Tamper
{
    protected World World { get; private set; } = null!;

    public override void Attach(World world) => World = world;

    protected static (int Activation, string Holder, long Life) Key(Activation activation, string holder, long life) => (activation.Index, holder, life);
}

/// <summary>Books what a report changed since the one before, instead of what it says: a lost report is never made up for.</summary>
internal sealed class BooksDifferences : Mutant
{
    private readonly Dictionary<(string Holder, long Life), Dictionary<string, int>> _sent = [];
    private readonly Dictionary<(string Holder, long Life, long Report), Dictionary<string, int>> _differences = [];
    private readonly Dictionary<(int Activation, string Holder, long Life), Dictionary<string, int>> _books = [];

    public override void Sent(Holder holder, HolderReport report)
    {
        var now = report.Held.ToDictionary(held => held.Destination, held => held.Held);
        var difference = new Dictionary<string, int>(now);
        foreach (var (destination, held) in _sent.GetValueOrDefault((report.Holder, report.Incarnation)) ?? [])
        {
            difference[destination] = difference.GetValueOrDefault(destination) - held;
        }

        _sent[(report.Holder, report.Incarnation)] = now;
        _differences[(report.Holder, report.Incarnation, report.Sequence)] = difference;
    }

    public override HolderReport ToLedger(Activation activation, HolderReport report)
    {
        var key = Key(activation, report.Holder, report.Incarnation);
        if (report.Epoch != activation.Epoch)
        {
            return report;
        }

        if (!_books.TryGetValue(key, out var books))
        {
            _books.Add(key, report.Held.ToDictionary(held => held.Destination, held => held.Held));
            return report;
        }

        if (_differences.Remove((report.Holder, report.Incarnation, report.Sequence), out var difference))
        {
            foreach (var (destination, change) in difference)
            {
                books[destination] = books.GetValueOrDefault(destination) + change;
            }
        }

        return report with
        {
            Held = [.. books.Where(held => held.Value > 0).Select(held =>
                new HeldPermits(held.Key, held.Value, Math.Min(held.Value, report.Held.FirstOrDefault(own => own.Destination == held.Key).InUse)))],
        };
    }
}

/// <summary>Takes every grant that it has sent as applied. It sends them again, but no longer books them.</summary>
internal sealed class ForgetsUnacknowledged : Mutant
{
    private readonly Dictionary<(int, string, long), List<Decision>> _sent = [];

    public override HolderReport ToLedger(Activation activation, HolderReport report)
    {
        if (report.Epoch != activation.Epoch || !_sent.TryGetValue(Key(activation, report.Holder, report.Incarnation), out var sent))
        {
            return report;
        }

        var last = sent.Count == 0 ? report.AppliedDecision : sent[^1].Sequence;
        sent.RemoveAll(decision => decision.Sequence <= report.AppliedDecision);
        return report with { AppliedDecision = Math.Max(last, report.AppliedDecision) };
    }

    public override LedgerMessage FromLedger(Activation activation, LedgerMessage message)
    {
        if (message.Sequence == 0)
        {
            return message;
        }

        if (!_sent.TryGetValue(Key(activation, message.Holder, message.Incarnation), out var sent))
        {
            _sent.Add(Key(activation, message.Holder, message.Incarnation), sent = []);
        }

        sent.AddRange(message.Decisions.Where(decision => sent.Count == 0 || decision.Sequence > sent[^1].Sequence));
        return message with { Decisions = [.. sent] };
    }
}

/// <summary>Books a report of a lower epoch, whose holder may still get a grant of that epoch.</summary>
internal sealed class BooksLowerEpoch : Mutant
{
    public override HolderReport ToLedger(Activation activation, HolderReport report) =>
        report.Epoch > 0 && report.Epoch < activation.Epoch ? report with { Epoch = activation.Epoch, AppliedDecision = 0, SeenMessage = 0 } : report;
}

/// <summary>Books a report although a later one was booked.</summary>
internal sealed class BooksOvertakenReports : Mutant
{
    private readonly Dictionary<(int, string, long), List<long>> _reports = [];

    public override HolderReport ToLedger(Activation activation, HolderReport report)
    {
        var key = Key(activation, report.Holder, report.Incarnation);
        if (!_reports.TryGetValue(key, out var reports))
        {
            _reports.Add(key, reports = [0]);
        }

        reports.Add(report.Sequence);
        return report with { Sequence = reports.Count - 1 };
    }

    public override LedgerMessage FromLedger(Activation activation, LedgerMessage message) =>
        message.AcknowledgedReport == 0 || !_reports.TryGetValue(Key(activation, message.Holder, message.Incarnation), out var reports)
            ? message
            : message with { AcknowledgedReport = reports[(int)message.AcknowledgedReport] };
}

/// <summary>Begins an epoch as if nobody had anything.</summary>
internal sealed class RestartsWithEverythingFree : Mutant
{
    public override LedgerState Restored(Activation activation, LedgerState state) => state with { Lives = [], Quarantined = [] };
}

/// <summary>Begins an epoch without what its predecessor had in quarantine.</summary>
internal sealed class RestartsWithoutQuarantine : Mutant
{
    public override LedgerState Restored(Activation activation, LedgerState state) => state with { Quarantined = [] };
}

/// <summary>A ledger whose policy is not the one that was meant.</summary>
internal abstract class PolicyMutant : Mutant
{
    private readonly Dictionary<BackendPolicy, BackendPolicy> _meant = new(ReferenceEqualityComparer.Instance);

    public sealed override BackendPolicy LedgerPolicy(BackendPolicy policy)
    {
        var changed = Change(policy);
        _meant[changed] = policy;
        return changed;
    }

    public sealed override BackendPolicy? MeantPolicy(BackendPolicy? inForce) => inForce is null ? null : _meant[inForce];

    /// <summary>What is meant by an adjusted policy could not be told.</summary>
    public sealed override bool MayAdjust => false;

    protected abstract BackendPolicy Change(BackendPolicy policy);
}

/// <summary>Frees a lost holder's permits with its lease, while its work goes on.</summary>
internal sealed class FreesWhileWorkGoesOn : PolicyMutant
{
    protected override BackendPolicy Change(BackendPolicy policy) => policy with { Quarantine = TimeSpan.Zero };
}

/// <summary>Never takes back what a lost holder had.</summary>
internal sealed class NeverTakesBack : PolicyMutant
{
    protected override BackendPolicy Change(BackendPolicy policy) => policy with { Quarantine = TimeSpan.FromHours(1) };
}

/// <summary>Lets ten times as many tickets wait.</summary>
internal sealed class QueuesBeyondCapacity : PolicyMutant
{
    protected override BackendPolicy Change(BackendPolicy policy) => policy with { QueueCapacity = 20 * (policy.QueueCapacity + 10) };
}

/// <summary>Raises a limit, but never lowers it.</summary>
internal sealed class IgnoresLoweredLimit : PolicyMutant
{
    private int _highest;

    protected override BackendPolicy Change(BackendPolicy policy)
    {
        _highest = Math.Max(_highest, policy.TotalLimit);
        return policy.Destinations.Length > 0
            ? policy with { Limit = null, Destinations = [.. policy.Destinations.Select(destination => destination with { Limit = _highest })] }
            : policy with { Limit = _highest };
    }
}

/// <summary>Finds limits up to twice the policy's bound.</summary>
internal sealed class FindsBeyondTheBound : PolicyMutant
{
    protected override BackendPolicy Change(BackendPolicy policy) =>
        policy with { Limit = 2 * policy.TotalLimit, Destinations = [], Adaptive = new AdaptiveLimit { Min = 2 * policy.TotalLimit } };
}

/// <summary>Takes a later life of a holder for the earlier one, so the later one's report says what the earlier one has: nothing.</summary>
internal sealed class TakesLaterLifeForEarlier : Mutant
{
    private readonly Dictionary<(int Activation, string Holder), Account> _accounts = [];

    public override HolderReport ToLedger(Activation activation, HolderReport report)
    {
        var key = (activation.Index, report.Holder);
        if (!_accounts.TryGetValue(key, out var account))
        {
            _accounts.Add(key, account = new Account { First = report.Incarnation, Present = report.Incarnation });
        }

        if (report.Incarnation < account.Present)
        {
            return report with { Incarnation = account.First, Sequence = 1 };
        }

        if (report.Incarnation > account.Present)
        {
            account.Present = report.Incarnation;
            account.Reports = account.LastReport;
            account.Decisions = account.LastDecision;
        }

        account.LastReport = Math.Max(account.LastReport, report.Sequence + account.Reports);
        return report with
        {
            Incarnation = account.First,
            Sequence = report.Sequence + account.Reports,
            AppliedDecision = report.AppliedDecision + account.Decisions,
        };
    }

    public override LedgerMessage FromLedger(Activation activation, LedgerMessage message)
    {
        var key = (activation.Index, message.Holder);
        if (!_accounts.TryGetValue(key, out var account) || message.Incarnation != account.First)
        {
            return message;
        }

        if (message.Status == LedgerStatus.LifeOver)
        {
            _accounts.Remove(key);
            return message with { Incarnation = account.Present };
        }

        if (message.Decisions.Length > 0)
        {
            account.LastDecision = Math.Max(account.LastDecision, message.Decisions[^1].Sequence);
        }

        return message with
        {
            Incarnation = account.Present,
            AcknowledgedReport = Math.Max(0, message.AcknowledgedReport - account.Reports),
            Decisions = [.. message.Decisions.Where(decision => decision.Sequence > account.Decisions)
                .Select(decision => decision with { Sequence = decision.Sequence - account.Decisions })],
        };
    }

    private sealed class Account
    {
        public long First;
        public long Present;
        public long Reports;
        public long LastReport;
        public long Decisions;
        public long LastDecision;
    }
}

/// <summary>Never hears that a ticket was given up.</summary>
internal sealed class DropsWithdrawals : Mutant
{
    public override HolderReport ToLedger(Activation activation, HolderReport report) => report with { Withdrawn = [] };
}

/// <summary>Answers, but never speaks first: no recall reaches a pool before its next report.</summary>
internal sealed class NeverPushes : Mutant
{
    public override bool DropsPushes => true;
}

/// <summary>Takes the clients of a tenant that were answered for ones that left.</summary>
internal sealed class TakesTenantsAnsweredForLeft : Mutant
{
    public override HolderReport ToLedger(Activation activation, HolderReport report) => report with
    {
        TenantClients = report.TenantClients?.Select(of => of with
        {
            Totals = of.Totals with { Buckets = [.. of.Totals.Buckets.Select(each => each with { Left = each.Left + each.Stayed, Stayed = 0 })] },
        }).ToArray(),
    };
}

/// <summary>Takes a client that was answered for one whose patience had just ended: what is censored counts as seen.</summary>
internal sealed class TakesAnsweredForLeft : Mutant
{
    public override HolderReport ToLedger(Activation activation, HolderReport report) => report.Clients is not { } clients
        ? report
        : report with { Clients = clients with { Buckets = [.. clients.Buckets.Select(each => each with { Left = each.Left + each.Stayed, Stayed = 0 })] } };
}

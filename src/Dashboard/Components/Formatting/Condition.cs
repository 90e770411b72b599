using Admission.Dashboard.Feed;

namespace Admission.Dashboard.Components.Formatting;

/// <summary>How a backend, a destination, a silo or a job stands: a word and a picture, and how much somebody has to care. The colour repeats them and never says anything alone.</summary>
/// <param name="Severity">How much.</param>
/// <param name="Word">The word.</param>
/// <param name="Icon">The picture's name.</param>
public sealed record Condition(Severity Severity, string Word, string Icon)
{
    /// <summary>The style's class.</summary>
    public string Class => ClassOf(Severity);

    /// <summary>The style's class of a severity.</summary>
    /// <param name="severity">The severity.</param>
    public static string ClassOf(Severity severity) => severity switch
    {
        Severity.Bad => "bad",
        Severity.Warning => "warning",
        Severity.Notice => "notice",
        _ => "fine",
    };

    /// <summary>Of a backend: the worst that is wrong with it.</summary>
    /// <param name="row">The backend.</param>
    public static Condition Of(BackendRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return row.Troubles switch
        {
            [{ Kind: var kind }, ..] => Of(kind),
            _ => row.Status switch
            {
                "asking" => new(Severity.Notice, "Asking", "i-notice"),
                "idle" => new(Severity.None, "Idle", "i-ok"),
                _ => new(Severity.None, "OK", "i-ok"),
            },
        };
    }

    /// <summary>Of a trouble.</summary>
    /// <param name="kind">The trouble.</param>
    public static Condition Of(TroubleKind kind) => kind switch
    {
        TroubleKind.Unreachable => Bad("Unreachable"),
        TroubleKind.NoAuthority => Bad("No authority"),
        TroubleKind.Withheld => Bad("Failing"),
        TroubleKind.Refusing => Bad("Refusing"),
        TroubleKind.Recovering => Warning("Recovering"),
        TroubleKind.LeaseLost => Warning("Lease lost"),
        TroubleKind.Queueing => Warning("Queueing"),
        TroubleKind.Quarantined => Warning("Quarantine"),
        TroubleKind.Paused => new(Severity.Notice, "Paused", "i-paused"),
        TroubleKind.NoPolicy => new(Severity.Notice, "No policy", "i-notice"),
        TroubleKind.NoLimit => new(Severity.Notice, "Limit 0", "i-notice"),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such trouble."),
    };

    /// <summary>Of a destination, by its state.</summary>
    /// <param name="state">The state.</param>
    public static Condition OfDestination(string state) => state switch
    {
        "in-service" => new(Severity.None, "In service", "i-ok"),
        "withheld" => Bad("Withheld"),
        "trial" => Warning("On trial"),
        "slow-start" => Warning("Slow start"),
        "draining" => new(Severity.Notice, "Draining", "i-paused"),
        "drained" => new(Severity.Notice, "Drained", "i-paused"),
        _ => new(Severity.Notice, Words.Sentence(state), "i-notice"),
    };

    /// <summary>Of a silo, by its status.</summary>
    /// <param name="status">The status.</param>
    public static Condition OfSilo(string status) => status switch
    {
        "active" => new(Severity.None, "Active", "i-ok"),
        "dead" => Bad("Dead"),
        _ => Warning(Words.Sentence(status)),
    };

    /// <summary>Of a job, by its state.</summary>
    /// <param name="state">The state.</param>
    public static Condition OfJob(string state) => state switch
    {
        "dead" => Bad("Dead letter"),
        "delayed" => Warning("Delayed"),
        _ => new(Severity.None, Words.Sentence(state), "i-ok"),
    };

    private static Condition Bad(string word) => new(Severity.Bad, word, "i-bad");

    private static Condition Warning(string word) => new(Severity.Warning, word, "i-warning");
}

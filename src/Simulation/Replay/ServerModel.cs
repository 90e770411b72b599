using System.Globalization;

namespace Admission.Simulator;

/// <summary>How a replayed backend works on what is inside it.</summary>
/// <param name="Kind">What happens beyond its capacity.</param>
/// <param name="Capacity">How many it serves at once without any of them being slower; a request counts with its weight. 1 to <see cref="LargestCapacity"/>.</param>
public sealed record ServerModel(ServerKind Kind, int Capacity)
{
    /// <summary>The largest capacity.</summary>
    public const int LargestCapacity = 1_000_000;

    /// <summary>What <see cref="TryParse"/> takes.</summary>
    public const string Forms = "Give recorded (each request takes as long as it says, however many are inside), mmc:N (N workers and a queue before them) or ps:N "
        + "(all at once, slower beyond N), with N from 1 to 1000000.";

    /// <summary>Reads <c>recorded</c>, <c>mmc:8</c> or <c>ps:8</c>; letter case does not matter.</summary>
    /// <param name="text">What to read.</param>
    /// <param name="model">The model; null for <c>recorded</c>.</param>
    /// <returns>Whether it was understood.</returns>
    public static bool TryParse(string text, out ServerModel? model)
    {
        ArgumentNullException.ThrowIfNull(text);
        model = null;
        if (string.Equals(text, "recorded", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        var parts = text.Split(':');
        var kind = parts[0].ToLowerInvariant() switch { "mmc" => ServerKind.Workers, "ps" => ServerKind.Sharing, _ => ServerKind.None };
        if (kind == ServerKind.None || parts.Length != 2
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var capacity) || capacity is < 1 or > LargestCapacity)
        {
            return false;
        }

        model = new ServerModel(kind, capacity);
        return true;
    }

    internal ReplayServer Create() => Kind switch
    {
        ServerKind.Workers => new WorkersServer(Capacity),
        ServerKind.Sharing => new SharingServer(Capacity),
        _ => throw new InvalidOperationException($"There is no server of the kind {Kind}."),
    };
}

/// <summary>What a replayed backend does with more than its capacity.</summary>
public enum ServerKind
{
    /// <summary>Not a server.</summary>
    None = 0,

    /// <summary>So many workers, each with one request; the others wait in order of arrival before them, inside the backend.</summary>
    Workers,

    /// <summary>
    /// Processor sharing with a knee: all are served at once, and beyond the capacity they share it, and what they share shrinks: by a third with twice the capacity inside.
    /// </summary>
    Sharing,
}

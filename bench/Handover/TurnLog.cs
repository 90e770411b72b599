using System.Text.Json;

namespace Admission.Handover;

/// <summary>One turn at the permit of a lane: when it was asked for, when it began, and when its end began. In <see cref="System.Diagnostics.Stopwatch"/> ticks.</summary>
internal readonly record struct Turn(int Lane, long Asked, long Admitted, long Released);

/// <summary>What one frontend saw.</summary>
/// <param name="Turns">Its turns.</param>
/// <param name="Calls">How long a plain call took in each of them, in ticks.</param>
internal sealed record TurnLog(List<Turn> Turns, List<long> Calls)
{
    public void Write(string file) => File.WriteAllText(file, JsonSerializer.Serialize(this));

    public static TurnLog Read(string file) =>
        JsonSerializer.Deserialize<TurnLog>(File.ReadAllText(file)) ?? throw new InvalidDataException($"{file} has no turns.");
}

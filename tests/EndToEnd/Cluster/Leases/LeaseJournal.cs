using System.Globalization;

namespace Admission.EndToEnd.Cluster.Leases;

/// <summary>What holders have written down: Holders/lease_holder.py tells the format.</summary>
/// <param name="Leases">The leases that they were granted, in the order of the answers.</param>
/// <param name="Refusals">How often there was none, by the reason.</param>
/// <param name="Failures">How often nobody answered, by what was asked and how it failed.</param>
/// <param name="Cuts">How often the database ended a session, by its code.</param>
internal sealed record LeaseJournal(
    IReadOnlyList<LeaseRecord> Leases, IReadOnlyDictionary<string, int> Refusals, IReadOnlyDictionary<string, int> Failures, IReadOnlyDictionary<string, int> Cuts)
{
    /// <summary>Reads it.</summary>
    /// <param name="lines">Its lines.</param>
    /// <param name="gateways">How many gateways there are: each holder has its own order of them.</param>
    /// <exception cref="InvalidDataException">A line that no holder writes.</exception>
    public static LeaseJournal Read(IEnumerable<string> lines, int gateways)
    {
        var leases = new Dictionary<string, LeaseRecord>(StringComparer.Ordinal);
        var (refusals, failures, cuts) = (Counts(), Counts(), Counts());
        foreach (var line in lines)
        {
            var fields = line.Split(' ');
            var (time, holder, backend, id) = (Number(fields[1]), fields[2], fields[3], fields[4]);
            switch (fields[0])
            {
                case "G":
                    var gateway = (int)((Number(fields[10]) + HolderProcesses.FirstGateway(holder)) % gateways);
                    leases.Add(id, new(backend, holder, id, new(Number(fields[5]), time, Number(fields[6]), Number(fields[7]), Number(fields[8]), Number(fields[9]), gateway)));
                    break;
                case "R":
                    leases[id].Renewals.Add(new(Number(fields[5]), time, (int)Number(fields[6]), Number(fields[7])));
                    break;
                case "L":
                    leases[id].Lost ??= time;
                    break;
                case "E":
                    leases[id].GivenBack = time;
                    break;
                case "D":
                    leases[id].Release = new(Number(fields[5]), time, (int)Number(fields[6]));
                    break;
                case "N":
                    Count(refusals, fields[5]);
                    break;
                case "F":
                    Count(failures, $"{fields[5]} {fields[6]}");
                    break;
                case "C":
                    Count(cuts, fields[5]);
                    break;
                default:
                    throw new InvalidDataException($"No holder writes such a line: {line}");
            }
        }

        return new([.. leases.Values], refusals, failures, cuts);
    }

    private static Dictionary<string, int> Counts() => new(StringComparer.Ordinal);

    private static void Count(Dictionary<string, int> counts, string what) => counts[what] = counts.GetValueOrDefault(what) + 1;

    private static long Number(string field) => long.Parse(field, CultureInfo.InvariantCulture);
}

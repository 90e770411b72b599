using Admission.Capacity;
using Admission.Grains.Configuration;

namespace Admission.Frontend.Configuration;

/// <summary>
/// Reads who goes first: <c>Priorities:{name}</c> with <c>Number</c> and <c>Share</c>, and <c>Tenants</c> with <c>Cap</c> and <c>Burst</c> for everybody and <c>Named:{tenant}</c> with <c>Weight</c> and
/// <c>Cap</c> for some.
/// </summary>
internal static class QueueOrderReader
{
    // The rules name the policy's properties; people know them by where they stand in the file.
    private static readonly (string Property, string Place)[] Places =
        [("Order:Levels", "Priorities"), ("Order:TenantCap", "Tenants:Cap"), ("Order:TenantBurst", "Tenants:Burst"), ("Order:Tenants", "Tenants:Named")];

    /// <summary>Reads the order; null if nothing is said of it.</summary>
    public static QueueOrder? Read(SectionReader reader)
    {
        var tenants = reader.Child("Tenants");
        var given = reader.Has("Priorities") || reader.Has("Tenants");
        var order = new QueueOrder
        {
            Levels = [.. ReadLevels(reader)], TenantCap = tenants.Count("Cap"), TenantBurst = tenants.Count("Burst"), Tenants = [.. ReadTenants(tenants)],
        };
        tenants.RefuseTheRest();
        return given ? order : null;
    }

    /// <summary>Where in the file a property of the order stands.</summary>
    public static string PlaceOf(string property)
    {
        foreach (var (prefix, place) in Places)
        {
            if (property == prefix || property.StartsWith(prefix + ":", StringComparison.Ordinal))
            {
                var rest = property[prefix.Length..];
                return place + (rest.EndsWith(":Priority", StringComparison.Ordinal) ? rest[..^":Priority".Length] + ":Number" : rest);
            }
        }

        return property;
    }

    private static IEnumerable<QueueLevel> ReadLevels(SectionReader reader)
    {
        foreach (var (name, level) in reader.Children("Priorities"))
        {
            var number = level.Count("Number");
            if (number is null && !level.Has("Number"))
            {
                level.Error("Number", $"missing. Give the priority a number from {Priorities.Critical}, the first served, to {Priorities.Lowest}.");
            }

            var share = level.Count("Share") ?? 0;
            level.RefuseTheRest();
            if (number is { } known)
            {
                yield return new QueueLevel(name, known, share);
            }
        }
    }

    private static IEnumerable<TenantRule> ReadTenants(SectionReader tenants)
    {
        foreach (var (name, tenant) in tenants.Children("Named"))
        {
            yield return new TenantRule(name, tenant.Count("Weight") ?? 1, tenant.Count("Cap"));
            tenant.RefuseTheRest();
        }
    }
}

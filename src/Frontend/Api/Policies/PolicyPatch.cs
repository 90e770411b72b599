using System.Text.Json;
using Admission.Capacity;
using Admission.Grains.Configuration;

namespace Admission.Frontend.Api.Policies;

/// <summary>
/// A JSON merge patch (RFC 7396) of a policy, as an operator's adjustment: a member with a value is adjusted, with <c>null</c> it is as configured again, and what is not named stays as it is.
/// </summary>
internal static class PolicyPatch
{
    private static readonly string[] Adjustable = ["limit", "adaptiveMin", "queueCapacity", "paused", "destinations", "priorities"];

    private static readonly string[] OnlyTold = ["backend", "version", "totalLimit", "configured", "adjustment", "notApplied", "lastChange"];

    private static readonly string[] OfGateways =
    [
        "overflow", "maxWait", "leaseTtl", "runTimeout", "quarantine", "stopsWhenAbandoned", "onLeaseLost", "patience", "discipline", "target", "interval", "ejection", "slowStart",
        "explainWaitsOver", "tenants", "tenantCap", "tenantBurst", "algorithm", "max", "adaptiveInitial", "classify", "jobs",
    ];

    /// <summary>Applies a patch.</summary>
    /// <param name="present">The present adjustment.</param>
    /// <param name="configured">The policy that it is for.</param>
    /// <param name="patch">The patch: an object.</param>
    /// <param name="errors">Takes every mistake, each with its member.</param>
    /// <returns>The adjustment that is to be; of no use if there are errors.</returns>
    public static PolicyAdjustment Apply(PolicyAdjustment present, BackendPolicy configured, JsonElement patch, List<string> errors)
    {
        var result = present;
        foreach (var member in patch.EnumerateObject())
        {
            var value = member.Value;
            switch (member.Name)
            {
                case "limit":
                    result = result with { Limit = Number(member.Name, value, errors) };
                    break;
                case "adaptiveMin":
                    result = result with { AdaptiveMin = Number(member.Name, value, errors) };
                    break;
                case "queueCapacity":
                    result = result with { QueueCapacity = Number(member.Name, value, errors) };
                    break;
                case "paused":
                    result = result with { Paused = Flag(member.Name, value, errors) };
                    break;
                case "destinations":
                    result = result with { Destinations = Destinations(result.Destinations, configured, value, errors) };
                    break;
                case "priorities":
                    result = result with { Priorities = Priorities(result.Priorities, value, errors) };
                    break;
                default:
                    errors.Add(WhyNot(member.Name));
                    break;
            }
        }

        return result;
    }

    private static DestinationAdjustment[] Destinations(DestinationAdjustment[] present, BackendPolicy configured, JsonElement patch, List<string> errors)
    {
        var all = present.ToDictionary(each => each.Destination, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in Members("destinations", patch, all.Clear, errors))
        {
            var known = Array.Find(configured.Destinations, each => string.Equals(each.Destination, name, StringComparison.OrdinalIgnoreCase)).Destination ?? name;
            var adjusted = all.GetValueOrDefault(name, new DestinationAdjustment(known, null, false));
            adjusted = value.ValueKind == JsonValueKind.Null ? new DestinationAdjustment(known, null, false) : adjusted;
            foreach (var (member, given) in Members($"destinations.{name}", value, static () => { }, errors))
            {
                var field = $"destinations.{name}.{member}";
                switch (member)
                {
                    case "limit":
                        adjusted = adjusted with { Limit = Number(field, given, errors) };
                        break;
                    case "drained":
                        adjusted = adjusted with { IsDrained = Flag(field, given, errors) };
                        break;
                    default:
                        errors.Add($"{field}: there is no such setting.{Spelling.DidYouMean(member, ["limit", "drained"])} Of a destination limit and drained can be adjusted.");
                        break;
                }
            }

            _ = all.Remove(name);
            if (adjusted is not { Limit: null, IsDrained: false })
            {
                all.Add(name, adjusted);
            }
        }

        return [.. all.Values.OrderBy(each => each.Destination, StringComparer.Ordinal)];
    }

    private static PriorityAdjustment[] Priorities(PriorityAdjustment[] present, JsonElement patch, List<string> errors)
    {
        var all = present.ToDictionary(each => each.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in Members("priorities", patch, all.Clear, errors))
        {
            if (value.ValueKind == JsonValueKind.Null)
            {
                all.Remove(name);
            }

            foreach (var (member, given) in Members($"priorities.{name}", value, static () => { }, errors))
            {
                if (member != "share")
                {
                    errors.Add($"priorities.{name}.{member}: of a priority only its share can be adjusted; gateways know its name and number from their configuration.");
                }
                else if (Number($"priorities.{name}.share", given, errors) is { } share)
                {
                    all[name] = new PriorityAdjustment(all.TryGetValue(name, out var before) ? before.Name : name, share);
                }
                else
                {
                    all.Remove(name);
                }
            }
        }

        return [.. all.Values.OrderBy(each => each.Name, StringComparer.Ordinal)];
    }

    private static IEnumerable<(string Name, JsonElement Value)> Members(string field, JsonElement value, Action clear, List<string> errors)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            return value.EnumerateObject().Select(member => (member.Name, member.Value));
        }

        if (value.ValueKind == JsonValueKind.Null)
        {
            clear();
        }
        else
        {
            errors.Add($"{field}: {Quote(value)} is no object. Give an object, or null for what is configured.");
        }

        return [];
    }

    private static int? Number(string field, JsonElement value, List<string> errors)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number))
        {
            return number;
        }

        errors.Add($"{field}: {Quote(value)} is no whole number. Give one, or null for what is configured.");
        return null;
    }

    private static bool Flag(string field, JsonElement value, List<string> errors)
    {
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null))
        {
            errors.Add($"{field}: {Quote(value)} is neither true nor false. Give one of them, or null for false.");
        }

        return value.ValueKind == JsonValueKind.True;
    }

    private static string WhyNot(string name) => true switch
    {
        _ when OnlyTold.Contains(name, StringComparer.Ordinal) => $"{name}: this is told, and cannot be changed.",
        _ when OfGateways.Contains(name, StringComparer.OrdinalIgnoreCase) =>
            $"{name}: cannot be adjusted, because it is not the ledger alone that goes by it. Change it in the configuration of the gateways, Admission:Backends.",
        _ => $"{name}: there is no such setting.{Spelling.DidYouMean(name, Adjustable)} Adjustable are {string.Join(", ", Adjustable)}.",
    };

    private static string Quote(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= 60 ? text : text[..60] + "...";
    }
}

using System.Text.Json;
using Admission.Capacity;
using Admission.Frontend.Classification;
using Admission.Frontend.Forwarding;
using Admission.Frontend.Problems;
using Admission.Grains.Configuration;

namespace Admission.Frontend.Api.Leases;

/// <summary>What a program says of the lease that it wants.</summary>
/// <param name="Request">Its request for permits.</param>
/// <param name="Ttl">The lease's time-to-live.</param>
internal readonly record struct WantedLease(AdmissionRequest Request, TimeSpan Ttl);

/// <summary>Reads the bodies of requests about leases. All mistakes are told at once.</summary>
internal static class LeaseBody
{
    /// <summary>The most bytes of a body.</summary>
    public const int Largest = 64 << 10;

    /// <summary>Leases that one request takes at most.</summary>
    public const int MostWanted = 100;

    private static readonly string[] Members = ["weight", "priority", "tenant", "wait", "ttl"];

    /// <summary>Reads a body to its end.</summary>
    /// <returns>The document, an empty object for an empty body; or what is wrong.</returns>
    public static async Task<(JsonDocument? Body, Problem? Problem)> ReadAsync(HttpContext context, string backend)
    {
        var buffer = new byte[Largest + 1];
        var length = await context.Request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, context.RequestAborted);
        if (length > Largest)
        {
            return (null, LeaseProblems.TooLarge(backend));
        }

        if (length == 0)
        {
            return (JsonDocument.Parse("{}"), null);
        }

        try
        {
            var document = JsonBody.Parse(buffer.AsMemory(0, length), depth: 4);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return (document, null);
            }

            document.Dispose();
            return (null, LeaseProblems.NoJson(backend, "it is something else."));
        }
        catch (JsonException mistake)
        {
            return (null, LeaseProblems.NoJson(backend, mistake.Message));
        }
    }

    /// <summary>Reads what is wanted of one lease.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="body">The object.</param>
    /// <param name="place">Where it stands in the body, for messages; empty for all of it.</param>
    /// <param name="caller">The tenant that the caller has proven, whose all its leases are; null for none.</param>
    /// <param name="errors">Takes what is wrong.</param>
    public static WantedLease Read(Backend backend, JsonElement body, string place, string? caller, List<string> errors)
    {
        var request = new AdmissionRequest { Tenant = caller };
        var ttl = LeaseRules.DefaultTtl;
        if (body.ValueKind != JsonValueKind.Object)
        {
            errors.Add($"{place}: give an object such as {{\"ttl\": 30}}.");
            return default;
        }

        foreach (var member in body.EnumerateObject())
        {
            var name = place.Length == 0 ? member.Name : $"{place}.{member.Name}";
            switch (member.Name)
            {
                case "weight":
                    request = request with { Weight = Number(name, member.Value, 1, BackendPolicyRules.LargestLimit, errors) };
                    break;
                case "priority":
                    request = request with { Priority = Priority(name, member.Value, backend.Settings.Policy, errors) };
                    break;
                case "tenant":
                    request = request with { Tenant = Tenant(name, member.Value, caller, errors) };
                    break;
                case "wait":
                    request = request with { MaxWait = Seconds(name, member.Value, TimeSpan.Zero, AdmissionRequest.LongestHeldWait, errors) };
                    break;
                case "ttl":
                    ttl = Seconds(name, member.Value, LeaseRules.ShortestTtl, LeaseRules.LongestTtl, errors);
                    break;
                default:
                    errors.Add($"{name}: there is no such member.{Spelling.DidYouMean(member.Name, Members)} There are {string.Join(", ", Members)}.");
                    break;
            }
        }

        return new WantedLease(request, ttl);
    }

    /// <summary>Reads the only member that a body may have: an array.</summary>
    /// <param name="body">The object.</param>
    /// <param name="name">What the array is called.</param>
    /// <param name="most">How many elements it may have; it has one at least.</param>
    /// <param name="errors">Takes what is wrong.</param>
    public static JsonElement[] Array(JsonElement body, string name, int most, List<string> errors)
    {
        foreach (var member in body.EnumerateObject())
        {
            if (!string.Equals(member.Name, name, StringComparison.Ordinal))
            {
                errors.Add($"{member.Name}: there is no such member.{Spelling.DidYouMean(member.Name, [name])} There is {name}.");
            }
        }

        if (body.TryGetProperty(name, out var array) && array.ValueKind == JsonValueKind.Array && array.GetArrayLength() is var count && count >= 1 && count <= most)
        {
            return [.. array.EnumerateArray()];
        }

        errors.Add($"{name}: give an array of 1 to {most} elements.");
        return [];
    }

    private static int Number(string name, JsonElement value, int least, int most, List<string> errors)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most)
        {
            return number;
        }

        errors.Add($"{name}: {Quote(value)} is not possible. Give a whole number from {least} to {most}.");
        return least;
    }

    private static TimeSpan Seconds(string name, JsonElement value, TimeSpan least, TimeSpan most, List<string> errors)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds >= least.TotalSeconds && seconds <= most.TotalSeconds)
        {
            return TimeSpan.FromSeconds(seconds);
        }

        errors.Add($"{name}: {Quote(value)} is not possible. Give seconds, a number from {least.TotalSeconds} to {most.TotalSeconds}.");
        return least;
    }

    private static int Priority(string name, JsonElement value, BackendPolicy policy, List<string> errors)
    {
        var text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Number => value.GetRawText(),
            _ => "",
        };
        if (PriorityNames.TryParse(policy, text, out var priority))
        {
            return priority;
        }

        errors.Add($"{name}: {Quote(value)} is not possible. Give {PriorityNames.Accepted(policy)}.");
        return Priorities.Normal;
    }

    private static string? Tenant(string name, JsonElement value, string? caller, List<string> errors)
    {
        var text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        if (value.ValueKind == JsonValueKind.Null || (caller is not null && string.Equals(text, caller, StringComparison.Ordinal)))
        {
            return caller;
        }

        if (caller is not null)
        {
            errors.Add($"{name}: the key that was sent is of the tenant '{caller}', and so are its leases. Leave it out.");
            return caller;
        }

        if (TenantName.IsPossible(text))
        {
            return text;
        }

        errors.Add($"{name}: {Quote(value)} is not possible. Give {TenantName.Accepted}.");
        return null;
    }

    private static string Quote(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= 60 ? text : text[..60] + "...";
    }
}

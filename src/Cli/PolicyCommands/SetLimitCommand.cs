using System.CommandLine;
using System.Text.Json.Nodes;
using Admission.Cli.Help;
using Admission.Frontend.Api.Policies;
using Admission.Grains.Configuration;

namespace Admission.Cli.PolicyCommands;

/// <summary><c>admission set limit</c>: permits of a backend, or of one destination.</summary>
internal sealed class SetLimitCommand : SettingCommand
{
    private readonly Option<string> _destination = new("--destination") { HelpName = "NAME", Description = "The limit of this destination, where destinations have limits of their own." };

    public SetLimitCommand(CommandContext context)
        : base(
            context, "limit", "How many permits a backend has; where its limit finds itself, at most.", 0, 1_000_000,
            new Example("admission set limit sample 4", "asks first, showing from what to what"), new Example("admission set limit sample --reset", "back to what is configured"),
            new Example("admission set limit sample 2 --destination a --yes", "one destination, without a question"))
    {
        AddValue();
        Add(_destination);
    }

    protected override Setting Choose(OptionValues values) => values.Text(_destination) is not { } destination
        ? new Setting("limit", static policy => policy.Limit ?? policy.TotalLimit, static policy => policy.Configured.Limit ?? policy.Configured.TotalLimit, static number => new JsonObject { ["limit"] = number }, static _ => null)
        : new Setting(
            $"destinations.{destination}.limit", policy => Of(policy.Destinations, destination), policy => Of(policy.Configured.Destinations, destination),
            number => new JsonObject { ["destinations"] = new JsonObject { [destination] = new JsonObject { ["limit"] = number } } },
            policy => Unknown(policy, destination));

    private static int? Of(IReadOnlyDictionary<string, DestinationPolicyView> destinations, string name) =>
        destinations.FirstOrDefault(each => string.Equals(each.Key, name, StringComparison.OrdinalIgnoreCase)).Value?.Limit;

    private static string? Unknown(PolicyResourceView policy, string destination) => Of(policy.Configured.Destinations, destination) is not null ? null
        : policy.Configured.Destinations.Count == 0 ? $"The destinations of '{policy.Backend}' have no limits of their own. Leave --destination out."
        : $"'{policy.Backend}' has no destination '{destination}' with a limit.{Spelling.DidYouMean(destination, policy.Configured.Destinations.Keys)} It has {string.Join(", ", policy.Configured.Destinations.Keys)}.";
}

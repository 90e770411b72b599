using System.CommandLine;
using System.Text.Json.Nodes;
using Admission.Cli.Gateway;
using Admission.Cli.Help;
using Admission.Frontend.Api.Policies;
using Admission.Grains.Configuration;

namespace Admission.Cli.PolicyCommands;

/// <summary><c>admission set share</c>: the guaranteed share of a priority.</summary>
internal sealed class SetShareCommand : SettingCommand
{
    private readonly Argument<string> _priority;

    public SetShareCommand(CommandContext context)
        : base(
            context, "share", "The guaranteed share of a priority that the policy names, in percent; all together at most 100.", 0, 100,
            new Example("admission set share sample background 10", "asks first, showing from what to what"), new Example("admission set share sample background --reset", "back to what is configured"))
    {
        _priority = KnownNames.Priority(context, Backend);
        Add(_priority);
        AddValue();
    }

    protected override Setting Choose(OptionValues values)
    {
        var priority = values.Text(_priority) ?? "";
        return new Setting(
            $"priorities.{priority}.share", policy => Of(policy.Priorities, priority), policy => Of(policy.Configured.Priorities, priority),
            number => new JsonObject { ["priorities"] = new JsonObject { [priority] = number is null ? null : new JsonObject { ["share"] = number } } },
            policy => Of(policy.Priorities, priority) is null
                ? $"The policy of '{policy.Backend}' names no priority '{priority}'.{Spelling.DidYouMean(priority, policy.Priorities.Keys)} It has {string.Join(", ", policy.Priorities.Keys)}."
                : null);
    }

    private static int? Of(IReadOnlyDictionary<string, PriorityPolicyView> priorities, string name) =>
        priorities.FirstOrDefault(each => string.Equals(each.Key, name, StringComparison.OrdinalIgnoreCase)).Value?.Share;
}

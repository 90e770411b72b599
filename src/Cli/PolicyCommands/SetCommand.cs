using System.CommandLine;
using Admission.Cli.Help;

namespace Admission.Cli.PolicyCommands;

/// <summary><c>admission set</c>: changes settings of a policy while it runs.</summary>
internal sealed class SetCommand : Command, IDocumentedCommand
{
    public SetCommand(CommandContext context)
        : base("set", "Changes a limit, a queue or a share while it runs, durably: an adjustment on top of what is configured.")
    {
        Add(new SetLimitCommand(context));
        Add(new SetValueCommand(context, "queue", "How many requests may wait, where the policy has a queue.", 1, 100_000, "queueCapacity", static policy => policy.QueueCapacity, static policy => policy.Configured.QueueCapacity, 200));
        Add(new SetValueCommand(context, "adaptive-min", "The least that a limit may be which finds itself.", 1, 1_000_000, "adaptiveMin", static policy => policy.AdaptiveMin, static policy => policy.Configured.AdaptiveMin, 4));
        Add(new SetShareCommand(context));
    }

    public IReadOnlyList<Example> Examples { get; } =
    [
        new("admission set limit sample 4", "asks first, showing from what to what"),
        new("admission set queue sample --reset --yes", "back to what is configured, without a question"),
    ];

    public string More => "It stays until it is taken back: over restarts, and configurations that are delivered again. docs/admin.md tells more.";
}

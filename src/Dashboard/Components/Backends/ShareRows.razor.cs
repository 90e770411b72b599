using System.Globalization;
using Admission.Dashboard.Feed;
using Microsoft.AspNetCore.Components;

namespace Admission.Dashboard.Components.Backends;

/// <summary>The guaranteed shares of the priorities.</summary>
public sealed partial class ShareRows
{
    private readonly Dictionary<string, string> _typed = new(StringComparer.OrdinalIgnoreCase);
    private readonly string _id = $"share-{Guid.NewGuid():N}";
    private string? _problem;
    private IReadOnlyList<PriorityRow> _seen = [];

    /// <summary>The priorities with the shares in force.</summary>
    [Parameter, EditorRequired]
    public IReadOnlyList<PriorityRow> Priorities { get; set; } = [];

    /// <summary>They cannot be changed.</summary>
    [Parameter]
    public bool IsDisabled { get; set; }

    /// <summary>Other shares are wanted.</summary>
    [Parameter]
    public EventCallback<IReadOnlyDictionary<string, int>> Chosen { get; set; }

    private IReadOnlyList<PriorityRow> Changed =>
        [.. Priorities.Where(each => _typed.TryGetValue(each.Name, out var text) && !string.Equals(text, each.Share.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal))];

    /// <inheritdoc />
    protected override void OnParametersSet()
    {
        if (!_seen.SequenceEqual(Priorities))
        {
            _seen = Priorities;
            _typed.Clear();
            _problem = null;
        }
    }

    private string IdOf(PriorityRow priority) => $"{_id}-{priority.Number}";

    private void Type(string priority, string? text)
    {
        _typed[priority] = text?.Trim() ?? "";
        _problem = null;
    }

    private Task ChooseAsync()
    {
        var shares = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var priority in Changed)
        {
            if (!int.TryParse(_typed[priority.Name], NumberStyles.None, CultureInfo.InvariantCulture, out var share) || share > 100)
            {
                _problem = $"{priority.Name}: give a whole number from 0 to 100.";
                return Task.CompletedTask;
            }

            shares[priority.Name] = share;
        }

        var sum = Priorities.Sum(each => shares.GetValueOrDefault(each.Name, each.Share));
        if (sum > 100)
        {
            _problem = $"Together they are {sum} %. At most 100 % can be guaranteed.";
            return Task.CompletedTask;
        }

        if (shares.Count == 0)
        {
            _problem = "The shares are like that already.";
            return Task.CompletedTask;
        }

        return IsDisabled ? Task.CompletedTask : Chosen.InvokeAsync(shares);
    }
}

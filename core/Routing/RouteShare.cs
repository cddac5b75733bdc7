namespace OrleansChat.Core.Routing;

/// <summary>A target's share of the traffic.</summary>
/// <param name="Group">The neighbours that share with it have the same group.</param>
/// <param name="Weight">Its weight, at least 1: it comes first in as many of the group's calls as its weight is of the group's sum.</param>
public readonly record struct RouteShare(int Group, int Weight);

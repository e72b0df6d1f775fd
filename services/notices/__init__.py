"""What citizens, staff and agencies' systems are told of a case, and how it is brought to them.

Every step of a case leaves an outbox row with the topic `notice`. A worker reads the events not yet
handled, plans notices (`plan`), and sends them (`desk`) by e-mail, by signed webhook to an SMS
gateway or to an agency's system, or hands them to a person with a telephone.
"""
